import { formatAddress, formatIpv4Number } from '../../net/address.ts';
import { decodeBytes } from '../../wire/decode-line.ts';
import type { SessionRecord } from './bgp4mp.ts';
import { ContentReader, type MrtContent, mrtCodec, peerText } from './contents.ts';
import { type MrtRecord, readRecords } from './record.ts';

/** One line of what `bengal mrt replay` prints. */
export interface MrtLine {
  readonly json: object;
  /** False where a message is one that RFC 7606 repairs or that ends a session. */
  readonly wellFormed: boolean;
}

/** What a file holds as JSON: an object for each peer index, path, message and state change. */
export async function* mrtLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<MrtLine> {
  const reader = new ContentReader();
  for await (const record of readRecords(chunks)) {
    const time = new Date(record.time / 1000).toISOString();
    for (const content of reader.read(record)) yield lineOf(content, record, time);
  }
}

function lineOf(content: MrtContent, record: MrtRecord, time: string): MrtLine {
  switch (content.type) {
    case 'peers': {
      const { collectorId, viewName, peers } = content.index;
      const index = peers.map((peer) => ({
        ...peerText(peer),
        bgpId: formatIpv4Number(peer.bgpId),
      }));
      const collector = formatIpv4Number(collectorId);
      return sound({ type: 'peers', time, collector, viewName, peers: index });
    }
    case 'route': {
      const { peer, own, originated, addPath, update } = content;
      const { json, wellFormed } = decodeBytes(update, mrtCodec(true, addPath, 'ibgp'));
      const since = new Date(1000 * originated).toISOString();
      const head = { type: 'route', time, peer: peerText(peer), originated: since };
      // A local route has the unspecified address where a peer would have to name a next hop.
      return own
        ? sound({ ...head, ...json, remedies: [] })
        : { json: { ...head, ...json }, wellFormed };
    }
    case 'session':
      return sessionLine(content.record, time);
    case 'other': {
      const { type, subtype, body } = record;
      return sound({ type: 'other', time, mrtType: type, subtype, octets: body.length });
    }
  }
}

function sessionLine(record: SessionRecord, time: string): MrtLine {
  const { remote, remoteAsn, local, localAsn } = record;
  const ends = {
    peer: { address: formatAddress(remote), asn: remoteAsn },
    local: { address: formatAddress(local), asn: localAsn },
  };
  if (record.type === 'state') {
    const { from, to } = record;
    return sound({ type: 'state', time, ...ends, from, to });
  }
  const { as4, addPath, direction, bytes } = record;
  const kind = remoteAsn === localAsn ? 'ibgp' : 'ebgp';
  const { json, wellFormed } = decodeBytes(bytes, mrtCodec(as4, addPath, kind));
  return { json: { type: 'message', time, direction, ...ends, ...json }, wellFormed };
}

const sound = (json: object): MrtLine => ({ json, wellFormed: true });
