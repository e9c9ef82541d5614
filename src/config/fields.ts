import type { FieldChange } from './change.ts';
import { describeValue, isRecord, type Kind, type PrintOptions } from './kind.ts';
import type { Place } from './place.ts';
import { suggest } from './suggest.ts';

type Written = Readonly<Record<string, unknown>>;

/** One row of an object's table: all that is known of a field. */
export interface Field<T, Owner> {
  readonly kind: Kind<Exclude<T, undefined>> | Kind<T>;
  /** One line for the schema. */
  readonly about: string;
  readonly change: FieldChange;
  /**
   * What absence means. The function sees the fields above it in the table, resolved, the AS of
   * the speaker and the written object.
   */
  readonly absent:
    | 'required'
    | 'omitted'
    | ((own: Partial<Owner>, asn: number | undefined, written: Written) => T);
}

/** A table in the order of the canonical print; the type demands a row for every field. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K], T> };

type AnyField = Field<unknown, Written>;

/** Rows of a table in order, with their names. */
export const rowsOf = <T>(fields: Fields<T>): readonly (readonly [string, AnyField])[] =>
  Object.entries(fields as unknown as Readonly<Record<string, AnyField>>);

/** Judges an object as a whole, after its fields were found right one by one. */
type Check<T> = (value: T, place: Place, written: Written) => void;

export function objectOf<T>(fields: Fields<T>, check: Check<T> = () => {}): Kind<T> {
  const rows = rowsOf(fields);
  const required = rows.filter(([, { absent }]) => absent === 'required').map(([name]) => name);
  return {
    read: (written, place) => {
      if (!isRecord(written))
        return place.report(
          `${describeValue(written)} is not an object`,
          `Write an object with the fields ${rows.map(([name]) => name).join(', ')}`,
        );
      const before = place.problemCount;
      refuseUnknown(written, rows, place);
      const value = readRows(written, rows, place) as T;
      if (place.problemCount === before) check(value, place, written);
      return value;
    },
    print: (value, options) => printRows(value as Written, rows, options),
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        rows.map(([name, { kind, about }]) => [name, { ...kind.schema, description: about }]),
      ),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    },
  };
}

function readRows(
  written: Written,
  rows: readonly (readonly [string, AnyField])[],
  place: Place,
): Written {
  const value: Record<string, unknown> = {};
  for (const [name, { kind, absent }] of rows) {
    const given = Object.hasOwn(written, name) ? written[name] : undefined;
    if (given !== undefined) {
      value[name] = kind.read(given, place.at(name));
    } else if (absent === 'required') {
      place.at(name).report(`${name} is missing`, `Add ${name}`);
    } else if (absent !== 'omitted') {
      value[name] = absent(value, place.surroundings.asn, written);
    }
  }
  return value;
}

function refuseUnknown(
  written: Written,
  rows: readonly (readonly [string, AnyField])[],
  place: Place,
): void {
  const names = rows.map(([name]) => name);
  for (const name of Object.keys(written)) {
    if (names.includes(name)) continue;
    const meant = suggest(name, names);
    place
      .at(name)
      .report(
        `${name.slice(0, 60)} is not a known field`,
        meant === undefined ? `Remove it; known are ${names.join(', ')}` : `Did you mean ${meant}?`,
      );
  }
}

function printRows(
  value: Written,
  rows: readonly (readonly [string, AnyField])[],
  options: PrintOptions,
): Written {
  return Object.fromEntries(
    rows.flatMap(([name, { kind }]): [string, unknown][] => {
      if (value[name] === undefined) return kind.off ? [[name, false]] : [];
      const print = kind.print as (value: unknown, options: PrintOptions) => unknown;
      return [[name, print(value[name], options)]];
    }),
  );
}
