import type { SourceKind } from '../../src/config/types.ts';
import { formatAddress } from '../../src/net/address.ts';
import { formatPrefix, maskedPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.ts';

/** A route to be judged, by BIRD's filter and by the derived policies. */
export interface Route {
  readonly prefix: string;
  readonly source: SourceKind;
  /** Empty for none. */
  readonly interface: string;
  /** Of a kernel route. */
  readonly metric: number;
  /** Of a BGP route. */
  readonly localPref: number | undefined;
  readonly nextHop: string;
}

export interface Outcome {
  readonly accepted: boolean;
  readonly metric: number | undefined;
  readonly localPref: number | undefined;
  readonly preference: number | undefined;
  /** Added ones, in text order. */
  readonly communities: readonly string[];
}

const INTERFACES = ['', 'eth0', 'cali12', 'vxlan.calico', 'wireguard.cali', 'bpfin.cali', 'tunl0'];
/** Normal, raised and lowered; without metric is a case of its own (see the quirk tests). */
const METRICS = [1, 512, 1023, 1024, 1025, 5000];
const LOCAL_PREFS = [undefined, 0, 100, 2_147_482_623, 2_147_482_624, 2_147_483_135];

/** Routes of every kind to, around and beside every prefix that `text` mentions. */
export function routesAround(text: string, size: 4 | 16): readonly Route[] {
  const written = text.match(/[0-9a-f.:]+\/\d+/g) ?? [];
  const prefixes = new Set(
    [...written, size === 4 ? '172.31.5.0/24' : 'fd99::/64'].flatMap((at) => {
      const prefix = parsePrefix(at);
      return prefix?.address.length === size ? around(prefix) : [];
    }),
  );
  return [...prefixes].flatMap(routesTo);
}

/** Equal, both halves and a host of it, what holds it, and its neighbour. */
function around({ address, length }: Prefix): readonly string[] {
  const most = address.length * 8;
  const sibling = flipped(address, length - 1);
  const inner =
    length < most
      ? [
          maskedPrefix(address, length + 1),
          maskedPrefix(flipped(address, length), length + 1),
          { address: flipped(address, most - 1), length: most },
        ]
      : [];
  const outer =
    length > 0 ? [maskedPrefix(address, length - 1), maskedPrefix(sibling, length)] : [];
  return [{ address, length }, ...inner, ...outer].map(formatPrefix);
}

function flipped(address: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(address);
  const index = bit >> 3;
  copy[index] = (copy[index] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

function routesTo(prefix: string): readonly Route[] {
  const address = parsePrefix(prefix)?.address ?? new Uint8Array(4);
  const base: Route = {
    prefix,
    source: 'static',
    interface: '',
    metric: 1024,
    localPref: undefined,
    nextHop: formatAddress(address),
  };
  return [
    base,
    ...INTERFACES.map((name): Route => ({ ...base, source: 'direct', interface: name })),
    ...INTERFACES.flatMap((name) =>
      METRICS.map((metric): Route => ({ ...base, source: 'kernel', interface: name, metric })),
    ),
    ...LOCAL_PREFS.flatMap((localPref) =>
      ['', 'tunl0'].map((name): Route => ({ ...base, source: 'bgp', interface: name, localPref })),
    ),
  ];
}
