import type { PeerFamily, PeerStatus, SpeakerStatus } from '../server/view.ts';
import { ageOf } from './age.ts';
import type { Command } from './command.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import type { Io } from './io.ts';
import { formatOf, OUTPUT_OPTION, printRows } from './output.ts';
import { printable } from './printable.ts';
import { statusNotes } from './status-notes.ts';
import type { Column } from './table.ts';

export const command: Command = {
  syntax: {
    name: 'peers',
    summary: 'The peers of a daemon; exits 2 when a session is not Established.',
    operands: '',
    count: [0, 0],
    options: { output: OUTPUT_OPTION, socket: SOCKET_OPTION },
  },
  run: async (line, io) => {
    const daemon = await findDaemon(line, io);
    const status = (await daemon.get('/api/v1/status')) as SpeakerStatus;
    for (const note of statusNotes(status)) io.complain(printable(note));
    let down = 0;
    const rows = async function* (): AsyncGenerator<PeerStatus> {
      for await (const row of daemon.rows('/api/v1/peers')) {
        const peer = row as PeerStatus;
        if (peer.state !== 'Established') down++;
        yield peer;
      }
    };
    await printRows(rows(), columns(io), formatOf(line), io);
    return down === 0 ? 0 : 2;
  },
};

const columns = (io: Io): readonly Column<PeerStatus>[] => [
  { title: 'Peer', text: ({ name }) => name },
  { title: 'Address', wide: true, text: ({ address }) => address },
  { title: 'Type', text: ({ type }) => type },
  { title: 'Kind', wide: true, text: ({ kind }) => kind },
  { title: 'AS', align: 'right', text: ({ asn }) => String(asn) },
  {
    title: 'State',
    text: ({ state }) => state,
    tone: ({ state }) => (state === 'Established' ? 'good' : 'bad'),
  },
  { title: 'Up/Down', align: 'right', text: ({ since }) => ageOf(since, io.clock) },
  count('Rcvd', ({ received }) => received),
  count('Accepted', ({ accepted }) => accepted),
  count('Sent', ({ sent }) => sent),
  { title: 'Flaps', wide: true, align: 'right', text: ({ flaps }) => String(flaps) },
  { title: 'Families', wide: true, text: familiesOf },
  { title: 'Group', wide: true, text: ({ updateGroup }) => String(updateGroup?.id ?? '-') },
  { title: 'BFD', wide: true, text: ({ bfd }) => bfd?.state ?? '-' },
  { title: 'Router id', wide: true, text: ({ routerId }) => routerId ?? '-' },
  { title: 'Last error', text: lastErrorOf },
];

function count(title: string, of: (family: PeerFamily) => number): Column<PeerStatus> {
  const total = ({ families }: PeerStatus): number =>
    families.reduce((sum, family) => sum + of(family), 0);
  return { title, align: 'right', text: (peer) => String(total(peer)) };
}

const familiesOf = ({ families }: PeerStatus): string =>
  families
    .filter(({ negotiated }) => negotiated)
    .map(({ family }) => family)
    .join(',') || '-';

/** Why a session is down; what last went wrong with one that is up. */
const lastErrorOf = ({ state, reason, lastError }: PeerStatus): string =>
  lastError?.text ?? (state === 'Established' ? '-' : reason);
