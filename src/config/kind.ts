import type { Place } from './place.ts';
import { suggest } from './suggest.ts';

/** A JSON Schema (2020-12) fragment. */
export type Schema = { readonly [keyword: string]: unknown };

/** A kind of value: how it is read, written and described. */
export interface Kind<T> {
  /** The resolved value; undefined, after a report, when `value` is wrong. */
  read(value: unknown, place: Place): T | undefined;
  /** The written form; undefined is left out. */
  print(value: T, options: PrintOptions): unknown;
  readonly schema: Schema;
  /** Undefined is a value of its own, written as `false`. */
  readonly off?: true;
}

export interface PrintOptions {
  /** Replaces passwords by a note of where they come from. */
  readonly redact: boolean;
}

/** What a wrong value is, for a message: never its text where that may be long or secret. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  return typeof value === 'object' ? 'an object' : String(value);
}

const asIs = <T>(value: T): T => value;

export function integer(min: number, max: number): Kind<number> {
  return {
    read: (value, place) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : place.report(
            `${describeValue(value)} is not a whole number from ${min} to ${max}`,
            `Write a number from ${min} to ${max}`,
          ),
    print: asIs,
    schema: { type: 'integer', minimum: min, maximum: max },
  };
}

export const BOOLEAN: Kind<boolean> = {
  read: (value, place) =>
    typeof value === 'boolean'
      ? value
      : place.report(`${describeValue(value)} is neither true nor false`, 'Write true or false'),
  print: asIs,
  schema: { type: 'boolean' },
};

/** Text that `parse` turns into its canonical form; `format` and `example` serve the message. */
export function text(
  format: string,
  example: string,
  parse: (text: string) => string | undefined,
): Kind<string> {
  return {
    read: (value, place) =>
      (typeof value === 'string' ? parse(value) : undefined) ??
      place.report(`${describeValue(value)} is not ${format}`, `Write ${format}, as ${example}`),
    print: asIs,
    schema: { type: 'string', description: format, examples: [example] },
  };
}

export function choice<const T extends string>(...options: readonly T[]): Kind<T> {
  return {
    read: (value, place) => {
      const found = options.find((option) => option === value);
      if (found !== undefined) return found;
      const meant = typeof value === 'string' ? suggest(value, options) : undefined;
      return place.report(
        `${describeValue(value)} is not one of ${options.join(', ')}`,
        meant === undefined ? `Write one of ${options.join(', ')}` : `Did you mean ${meant}?`,
      );
    },
    print: asIs,
    schema: { enum: options },
  };
}

export function listOf<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    read: (value, place) => {
      if (!Array.isArray(value))
        return place.report(`${describeValue(value)} is not a list`, 'Write a list');
      const items = value.map((item: unknown, index) => kind.read(item, place.at(index)));
      return items.filter((item): item is T & NonNullable<unknown> => item !== undefined);
    },
    print: (values, options) => values.map((value) => kind.print(value, options)),
    schema: { type: 'array', items: kind.schema },
  };
}

/** An object whose keys are names that a person chose. */
export function namedOf<T>(kind: Kind<T>): Kind<Readonly<Record<string, T>>> {
  return {
    read: (value, place) => {
      if (!isRecord(value))
        return place.report(`${describeValue(value)} is not an object`, 'Write name: value pairs');
      const entries = Object.entries(value).flatMap(([name, item]): [string, T][] => {
        const read = kind.read(item, place.at(name));
        return read === undefined ? [] : [[name, read]];
      });
      return Object.fromEntries(entries);
    },
    print: (values, options) =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, kind.print(value, options)]),
      ),
    schema: { type: 'object', additionalProperties: kind.schema },
  };
}

/** `true` or `false` may stand for the values given. */
export function orBoolean<T>(
  kind: Kind<Exclude<T, false | undefined>>,
  ifTrue: (place: Place) => T | undefined,
  ifFalse: T,
): Kind<T> {
  return {
    read: (value, place) => {
      if (typeof value !== 'boolean') return kind.read(value, place);
      return value ? ifTrue(place) : ifFalse;
    },
    print: (value, options) =>
      value === undefined || value === false
        ? false
        : kind.print(value as Exclude<T, false | undefined>, options),
    schema: { anyOf: [{ type: 'boolean' }, kind.schema] },
    ...(ifFalse === undefined && { off: true }),
  };
}

/** `true` may stand for the values given. */
export const orTrue = <T>(kind: Kind<T>, ifTrue: T): Kind<T> => ({
  read: (value, place) => (value === true ? ifTrue : kind.read(value, place)),
  print: (value, options) => kind.print(value, options),
  schema: { anyOf: [{ const: true }, kind.schema] },
});

/** A bare number may stand for an object. */
export function orNumber<T extends object>(
  number: Kind<number>,
  object: Kind<T>,
): Kind<number | T> {
  return {
    read: (value, place) =>
      typeof value === 'number' ? number.read(value, place) : object.read(value, place),
    print: (value, options) =>
      typeof value === 'number' ? number.print(value, options) : object.print(value, options),
    schema: { anyOf: [number.schema, object.schema] },
  };
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
