import { formatAddress } from '../net/address.ts';
import { maskedPrefix } from '../net/prefix.ts';
import type { KernelAddress, KernelLink } from './kernel.ts';
import {
  Attributes,
  NetlinkFormatError,
  type NetlinkMessage,
  type NetlinkWriter,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  requireFixed,
} from './netlink-message.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

const IFF_UP = 1;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_OPTIMISTIC = 0x04;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * RTM_NEWLINK and RTM_DELLINK; undefined for those of a bridge, which are about its ports.
 *
 *   family 1 | pad 1 | type 2 | index 4 | flags 4 | change 4 | attributes
 */
export function decodeLink(message: NetlinkMessage): KernelLink | undefined {
  requireFixed(message, 16);
  const { bytes, start, end } = message;
  if (bytes.readUInt8(start) !== AF_UNSPEC) return undefined;
  const name = new Attributes(bytes, start + 16, end).text(IFLA_IFNAME);
  if (name === undefined) throw new NetlinkFormatError('a link has no name');
  const up = (bytes.readUInt32LE(start + 8) & IFF_UP) !== 0;
  return { index: bytes.readUInt32LE(start + 4), name, up };
}

/** An address by the index of its interface. */
export interface RawAddress extends Omit<KernelAddress, 'interface'> {
  readonly index: number;
}

/**
 * RTM_NEWADDR and RTM_DELADDR; undefined for an address that cannot be used (duplicate detection
 * is under way or has failed). On a point-to-point link the prefix is that of the far end.
 *
 *   family 1 | prefix length 1 | flags 1 | scope 1 | index 4 | attributes
 */
export function decodeAddress(message: NetlinkMessage): RawAddress | undefined {
  requireFixed(message, 8);
  const { bytes, start, end } = message;
  const family = bytes.readUInt8(start);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const size = family === AF_INET ? 4 : 16;
  const attributes = new Attributes(bytes, start + 8, end);
  const flags = attributes.u32(IFA_FLAGS) ?? bytes.readUInt8(start + 2);
  if ((flags & IFA_F_DADFAILED) !== 0) return undefined;
  if ((flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE) return undefined;
  const far = attributes.value(IFA_ADDRESS, size) ?? attributes.value(IFA_LOCAL, size);
  if (far === undefined) throw new NetlinkFormatError('an address message has no address');
  const near = attributes.value(IFA_LOCAL, size) ?? far;
  const length = bytes.readUInt8(start + 1);
  if (length > size * 8) throw new NetlinkFormatError(`prefix length ${length} is too long`);
  return {
    index: bytes.readUInt32LE(start + 4),
    address: formatAddress(near.subarray(0, size)),
    prefix: maskedPrefix(far.subarray(0, size), length),
  };
}

export function encodeLinkDump(out: NetlinkWriter, sequence: number): void {
  const start = out.begin(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sequence);
  out.octets(...new Array<number>(16).fill(0));
  out.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  out.end(start);
}

/** Asks for the addresses of both families. */
export function encodeAddressDump(out: NetlinkWriter, sequence: number): void {
  const start = out.begin(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sequence);
  out.octets(AF_UNSPEC, 0, 0, 0, 0, 0, 0, 0);
  out.end(start);
}
