import type { Report } from './report.ts';
import { suggestion } from './suggestion.ts';

/** Reads a value or reports why it cannot be; `field` is the value's path. Never throws. */
export type Check<T> = (value: unknown, field: string, report: Report) => T | undefined;

type Checks = Readonly<Record<string, Check<unknown>>>;

/** The fields of a shape: each may be absent. */
export type Shape<F extends Checks> = {
  readonly [K in keyof F]: (F[K] extends Check<infer T> ? T : never) | undefined;
};

/** An object with the given fields, all optional; null and the empty text count as absent. */
export function shape<F extends Checks>(fields: F): Check<Shape<F>> {
  return shapeOf(fields, unknownField);
}

/** The same for an object that others define and extend: further fields are nobody's mistake. */
export function openShape<F extends Checks>(fields: F): Check<Shape<F>> {
  return shapeOf(fields, () => undefined);
}

function shapeOf<F extends Checks>(fields: F, other: typeof unknownField): Check<Shape<F>> {
  const names = Object.keys(fields);
  const known = new Map(Object.entries(fields));
  return (value, field, report) => {
    if (!isObject(value)) return wrong(report, field, value, 'a mapping');
    const read = new Map<string, unknown>(names.map((name) => [name, undefined]));
    for (const [name, part] of Object.entries(value)) {
      const path = `${field}.${name}`;
      const check = known.get(name);
      if (check === undefined) other(report, path, name, names);
      else if (part !== undefined && part !== null && part !== '')
        read.set(name, check(part, path, report));
    }
    return Object.fromEntries(read) as Shape<F>;
  };
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, field, report) => {
    if (!Array.isArray(value)) return wrong(report, field, value, 'a list');
    return value.flatMap((part, index) => {
      const read = check(part, `${field}[${index}]`, report);
      return read === undefined ? [] : [read];
    });
  };
}

/** A field that exists but means nothing to BGP. */
export const anything: Check<true> = () => true;

export const text: Check<string> = (value, field, report) =>
  typeof value === 'string' ? value : wrong(report, field, value, 'text');

export const flag: Check<boolean> = (value, field, report) =>
  typeof value === 'boolean' ? value : wrong(report, field, value, 'true or false');

export function integer(least: number, most: number): Check<number> {
  return (value, field, report) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : wrong(report, field, value, `a whole number from ${least} to ${most}`);
}

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value, field, report) =>
    words.find((word) => word === value) ??
    wrong(report, field, value, `one of ${words.join(', ')}`);
}

/** A check of text by `parse`, whose undefined means that the text is not `wanted`. */
export function parsed<T>(wanted: string, parse: (text: string) => T | undefined): Check<T> {
  return (value, field, report) =>
    (typeof value === 'string' ? parse(value) : undefined) ?? wrong(report, field, value, wanted);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reports that `value` is not what is `wanted`. */
export function wrong(report: Report, field: string, value: unknown, wanted: string): undefined {
  return report.error('wrong-value', field, `${shown(value)} is not ${wanted}`, `Give ${wanted}`);
}

function shown(value: unknown): string {
  if (isObject(value)) return 'a mapping';
  if (Array.isArray(value)) return 'a list';
  return cut(JSON.stringify(value) ?? String(value), 60);
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

function unknownField(
  report: Report,
  path: string,
  name: string,
  names: readonly string[],
): undefined {
  const meant = suggestion(name, names);
  const cure = meant === undefined ? 'Remove it' : `Write ${meant}`;
  return report.warning(
    'unknown-field',
    cut(path, 253),
    'there is no such field; it is ignored',
    cure,
  );
}
