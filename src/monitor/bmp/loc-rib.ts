import { parseIpv4Number } from '../../net/address.ts';
import { afiOf, FAMILIES, SAFI_UNICAST } from '../../net/family.ts';
import type { Speaker } from '../../speaker/speaker.ts';
import { AS_TRANS } from '../../wire/attributes/as-path.ts';
import { encodeOpen } from '../../wire/open.ts';
import type { BmpPeer, PeerUp } from './message.ts';

const NO_ADDRESS = new Uint8Array(4);

/** Loc-RIB as a peer: no address, our own AS number and identifier (RFC 9069 §4.2). */
export function locRibPeer({ config }: Speaker): BmpPeer {
  const bgpId = config === undefined ? 0 : (parseIpv4Number(config.routerId) ?? 0);
  return { address: NO_ADDRESS, asn: config?.asn ?? 0, bgpId };
}

/** RFC 9069 §4.4: made-up OPENs that say how the table is told. */
export function locRibUp({ asn, bgpId }: BmpPeer): PeerUp {
  const open = encodeOpen({
    version: 4,
    asn: asn > 0xffff ? AS_TRANS : asn,
    holdTime: 0,
    bgpId,
    capabilities: [
      ...FAMILIES.map((family) => ({
        type: 'multiprotocol' as const,
        afi: afiOf(family),
        safi: SAFI_UNICAST,
      })),
      { type: 'as4', asn },
    ],
  });
  return {
    localAddress: NO_ADDRESS,
    localPort: 0,
    remotePort: 0,
    sentOpen: open,
    receivedOpen: open,
  };
}
