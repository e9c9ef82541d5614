import type { PeerBfd } from '../speaker/bfd-links.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { MetricFamily, MetricSample } from './view.ts';

/** BFD of the peers that have it; nothing where none has. */
export function* bfdMetrics(speaker: Speaker): Generator<MetricFamily> {
  const links = speaker.peers.flatMap((peer) => {
    const bfd = speaker.bfdOf(peer);
    return bfd === undefined ? [] : [{ labels: { peer: peer.name }, bfd }];
  });
  if (links.length === 0) return;
  const each = (value: (bfd: PeerBfd) => number): readonly MetricSample[] =>
    links.map(({ labels, bfd }) => ({ labels, value: value(bfd) }));
  yield {
    name: 'bengal_bfd_up',
    type: 'gauge',
    help: '1 while the BFD session is Up.',
    samples: each(({ state }) => Number(state === 'up')),
  };
  yield {
    name: 'bengal_bfd_failures_total',
    type: 'counter',
    help: 'Times that BFD found the way to the peer cut.',
    samples: each(({ failures }) => failures),
  };
  yield {
    name: 'bengal_bfd_packets_total',
    type: 'counter',
    help: 'BFD Control packets by direction; counted every few seconds.',
    samples: links.flatMap(({ labels, bfd: { received, sent } }) => [
      { labels: { ...labels, direction: 'received' }, value: received },
      { labels: { ...labels, direction: 'sent' }, value: sent },
    ]),
  };
}
