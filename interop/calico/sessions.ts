import { parseBird } from '../../test/confd/bird/configuration.ts';
import { meaningOf } from '../../test/confd/bird/meaning.ts';
import type { CalicoCase } from '../../test/confd/calico-cases.ts';
import type { PeerScript } from './scripted-peer.ts';
import { surroundingsOf } from './surroundings.ts';
import { firstUpdates, laterUpdates } from './updates.ts';

const SIZES = [4, 16] as const;

/** A script for every peering that Calico derives of the case. */
export function scriptsOf(found: CalicoCase): readonly PeerScript[] {
  return SIZES.flatMap((size) => {
    const around = surroundingsOf(found.bird[size], size);
    const { routerId, listen, sessions } = meaningOf(parseBird(found.bird[size]));
    return sessions.map(({ peer }, index): PeerScript => {
      const address = peer.localAddress ?? addressOf(found, size);
      const teller = { around, peer, index, routerId };
      return {
        name: peer.name,
        family: around.family,
        address: peer.address,
        port: peer.port,
        asn: peer.asn,
        routerId: `10.255.${size}.${index + 1}`,
        node: { address, port: listen.port, asn: peer.localAsn },
        addPath: peer.asn === peer.localAsn && index % 2 === 0,
        password: peer.password,
        updates: { first: firstUpdates(teller), later: laterUpdates(teller) },
      };
    });
  });
}

/** The node's own address of a family. */
export const addressOf = (found: CalicoCase, size: 4 | 16): string =>
  subnetOf(found, size)?.split('/')[0] ?? '';

/** The same with its length, undefined where it has none. */
export function subnetOf({ resources, node }: CalicoCase, size: 4 | 16): string | undefined {
  const own = resources.find(({ kind, metadata }) => kind === 'Node' && metadata.name === node);
  const bgp = own?.spec['bgp'] as Readonly<Record<string, string>> | undefined;
  return bgp?.[size === 4 ? 'ipv4Address' : 'ipv6Address'];
}
