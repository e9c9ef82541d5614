import { formatIpv4Number } from '../net/address.ts';
import { type Capability, capabilityRow, type UnknownCapability } from './capabilities/table.ts';
import { decodeCapability, decodeOpen } from './open.ts';

export type Json = Readonly<Record<string, unknown>>;

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The OPEN `bytes` as JSON: each capability with its bytes and, where they are sound, its fields. */
export function openJson(bytes: Buffer): Json {
  const open = decodeOpen(bytes, 0, bytes.length);
  return {
    type: 'OPEN',
    version: open.version,
    asn: open.asn,
    holdTime: open.holdTime,
    bgpId: formatIpv4Number(open.bgpId),
    capabilities: open.raw.map(capabilityJson),
    extendedOptParams: open.extendedParameters,
  };
}

const NAMES: Readonly<Partial<Record<Capability['type'], string>>> = {
  as4: 'asn4',
  'extended-next-hop': 'extended-nexthop',
  'long-lived-graceful-restart': 'llgr',
};

function capabilityJson(raw: UnknownCapability): Json {
  const { code, value } = raw;
  const type = capabilityRow(code)?.type;
  const capability = decodeCapability(raw);
  return {
    code,
    hex: hexOf(value),
    ...(type && { name: NAMES[type] ?? type }),
    ...(capability && fieldsOf(capability)),
  };
}

function fieldsOf(capability: Capability): Json {
  switch (capability.type) {
    case 'multiprotocol':
      return { afi: capability.afi, safi: capability.safi };
    case 'as4':
      return { asn: capability.asn };
    case 'role':
      return { role: capability.role };
    case 'add-path':
      return { families: capability.families };
    case 'graceful-restart':
      return {
        flags: (capability.restarting ? 8 : 0) | (capability.notification ? 4 : 0),
        time: capability.restartTime,
        families: capability.families.map(({ afi, safi, forwarding }) => ({
          afi,
          safi,
          flags: forwarding ? 128 : 0,
        })),
      };
    case 'route-refresh':
    case 'extended-next-hop':
    case 'extended-message':
    case 'enhanced-route-refresh':
    case 'long-lived-graceful-restart':
    case 'fqdn':
    case 'software-version':
    case 'unknown':
      return {};
  }
}
