import { type AddressBytes, isLinkLocal } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { KernelRoute } from './kernel.ts';

/** Why a kernel route is learned or not; `LEARN_VERDICTS` has a name and a line of text for each. */
export const LearnVerdict = {
  learned: 0,
  otherTable: 1,
  own: 2,
  kernelProtocol: 3,
  redirect: 4,
  destination: 5,
  multipath: 6,
} as const;

export type LearnVerdictCode = (typeof LearnVerdict)[keyof typeof LearnVerdict];

export const LEARN_VERDICTS: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'learned', text: 'taken as a route of this machine' },
  { name: 'other-table', text: 'the route is in a table that is not read' },
  { name: 'own', text: 'the route is our own' },
  { name: 'kernel-protocol', text: "the kernel's own routes are learned as connected prefixes" },
  { name: 'redirect', text: 'the route comes from an ICMP redirect' },
  { name: 'not-global', text: 'the destination is loopback, link-local, multicast or broadcast' },
  { name: 'strange-multipath', text: 'an IPv4 multipath route has IPv6 next hops' },
];

const UNSPEC = 0;
const REDIRECT = 1;
const KERNEL = 2;

/** What becomes of a kernel route that was read. */
export function judgeRoute(
  route: KernelRoute,
  { table, protocol }: { readonly table: number; readonly protocol: number },
): LearnVerdictCode {
  if (route.table !== table) return LearnVerdict.otherTable;
  if (route.protocol === protocol) return LearnVerdict.own;
  if (route.protocol === KERNEL || route.protocol === UNSPEC) return LearnVerdict.kernelProtocol;
  if (route.protocol === REDIRECT) return LearnVerdict.redirect;
  if (!isGlobalDestination(route.prefix)) return LearnVerdict.destination;
  const ipv4 = route.prefix.address.length === 4;
  if (ipv4 && route.nextHops.length > 1) {
    const strange = route.nextHops.some((hop) => hop.gateway?.includes(':') === true);
    if (strange) return LearnVerdict.multipath;
  }
  return LearnVerdict.learned;
}

/** A default route, or a destination beyond the link: what may be told to other machines. */
export function isGlobalDestination({ address, length }: Prefix): boolean {
  return length === 0 || isGlobal(address);
}

function isGlobal(address: AddressBytes): boolean {
  const [first = 0, second = 0] = address;
  if (address.length === 4) {
    if (first === 169 && second === 254) return false;
    return first !== 0 && first !== 127 && first < 224;
  }
  if (first === 0xff || isLinkLocal(address)) return false;
  return address.subarray(0, 10).some((octet) => octet !== 0);
}
