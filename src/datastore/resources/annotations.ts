import type { Resource } from '../datastore.ts';
import { parseDuration } from './fields.ts';
import type { Report } from './report.ts';
import { type Check, parsed, shape } from './schema.ts';
import type { BfdRequest, SessionAnnotations } from './views.ts';

/** Annotations of Calico's objects that are bengal's: for what Calico has no field. */
export const ANNOTATION_PREFIX = 'bengal.dev/';

const MOST_SECONDS = 65_535;
/** Milliseconds; the multiplier is an octet, RFC 5880 §4.1. */
const LEAST_INTERVAL = 100;
const MOST_INTERVAL = 60_000;
const MOST_MULTIPLIER = 255;

const SESSION = {
  'bengal.dev/bfd': parsed(
    'true, or intervals from 100ms to 1m and a multiplier as 300ms/300ms/3, followed by any of single-hop, multihop and strict',
    parseBfd,
  ),
  'bengal.dev/hold-time': seconds(
    'a hold time of 0s, or from 3s to 65535s',
    (value) => value === 0 || value >= 3,
  ),
  'bengal.dev/keepalive-time': seconds('a duration from 1s to 65535s', (value) => value >= 1),
  'bengal.dev/connect-retry-time': seconds('a duration from 1s to 65535s', (value) => value >= 1),
};

const sessionAnnotations = shape(SESSION);

/** The mesh has no object in which Calico could name its filters. */
const meshAnnotations = shape({
  ...SESSION,
  'bengal.dev/filters': parsed('names of BGPFilters, separated by commas', parseNames),
});

/** What annotations say about the sessions of an object. A wrong one is reported and ignored. */
export function readSessionAnnotations(
  { kind, metadata }: Resource,
  report: Report,
): SessionAnnotations | undefined {
  const ours = Object.entries(metadata.annotations).filter(([key]) =>
    key.startsWith(ANNOTATION_PREFIX),
  );
  if (ours.length === 0) return undefined;
  const read = report.lenient((inner) => {
    const check = kind === 'BGPConfiguration' ? meshAnnotations : sessionAnnotations;
    return check(Object.fromEntries(ours), 'metadata.annotations', inner);
  });
  return {
    filters: filtersOf(read),
    bfd: read?.['bengal.dev/bfd'],
    holdTime: read?.['bengal.dev/hold-time'],
    keepaliveTime: read?.['bengal.dev/keepalive-time'],
    connectRetryTime: read?.['bengal.dev/connect-retry-time'],
  };
}

const filtersOf = (read: ReturnType<typeof sessionAnnotations | typeof meshAnnotations>) =>
  read !== undefined && 'bengal.dev/filters' in read ? read['bengal.dev/filters'] : undefined;

function seconds(wanted: string, allowed: (value: number) => boolean): Check<number> {
  return parsed(wanted, (written) => {
    const value = Math.round(parseDuration(written) ?? -1);
    return allowed(value) && value <= MOST_SECONDS ? value : undefined;
  });
}

function parseNames(written: string): readonly string[] | undefined {
  const names = written.split(',').map((name) => name.trim());
  return names.every((name) => /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(name))
    ? names
    : undefined;
}

function parseBfd(written: string): BfdRequest | undefined {
  const [first = '', ...words] = written.trim().split(/\s+/);
  const intervals = first === 'true' ? undefined : parseIntervals(first);
  if (first !== 'true' && intervals === undefined) return undefined;
  if (!words.every((word) => ['single-hop', 'multihop', 'strict'].includes(word))) return undefined;
  const multihop = words.includes('multihop');
  if (multihop && words.includes('single-hop')) return undefined;
  return {
    intervals,
    multihop: multihop || words.includes('single-hop') ? multihop : undefined,
    strict: words.includes('strict'),
  };
}

function parseIntervals(written: string): BfdRequest['intervals'] {
  const [tx = '', rx = '', times = '', ...more] = written.split('/');
  const minTx = milliseconds(tx);
  const minRx = milliseconds(rx);
  const multiplier = /^\d{1,3}$/.test(times) ? Number(times) : 0;
  if (minTx === undefined || minRx === undefined || more.length > 0) return undefined;
  if (multiplier < 1 || multiplier > MOST_MULTIPLIER) return undefined;
  return { minTx, minRx, multiplier };
}

function milliseconds(written: string): number | undefined {
  const value = Math.round((parseDuration(written) ?? 0) * 1000);
  return value >= LEAST_INTERVAL && value <= MOST_INTERVAL ? value : undefined;
}
