import { beforeEach, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/agent/agent.ts';
import type { Outcome, SpeakerControl } from '../../src/server/control.ts';
import { speakerControl } from '../../src/server/speaker-control.ts';
import { shutdownCommunication } from '../../src/wire/notification.ts';
import type { RawPeer } from '../speaker/raw-peer.ts';
import { peerAt, Station } from '../speaker/station.ts';

const PEER = '10.0.0.2';
const NAME = `p${PEER}`;

let station: Station;
let control: SpeakerControl;
let peer: RawPeer;

beforeEach(() => {
  station = new Station();
  station.start({
    peers: [peerAt(PEER, { passive: true, errorWait: { min: 0, max: 0 } })],
  });
  control = speakerControl(station.speaker);
  peer = station.established(PEER);
});

const clear = (how: 'hard' | 'in' | 'out', text?: string): string => {
  const outcome = control.clear(NAME, how, text);
  station.seconds(1);
  return 'done' in outcome ? outcome.done : `refused: ${outcome.refused}`;
};

describe('clear', () => {
  test('ends the session with an Administrative Reset and the text, and takes the peer back', () => {
    expect(clear('hard', 'new cable')).toBe(`${NAME}: the session begins anew`);
    const [last] = peer.notifications;
    expect(last).toMatchObject({ code: 6, subcode: 4 });
    expect(last && shutdownCommunication(last)).toBe('new cable');
    station.established(PEER);
  });

  test('soft in asks for the routes of each family once more', () => {
    peer.log = [];
    expect(clear('in')).toContain('ipv4-unicast, ipv6-unicast');
    expect(peer.log).toEqual(['refresh ipv4-unicast 0', 'refresh ipv6-unicast 0']);
    expect(station.state(PEER)).toBe('Established');
  });

  test('soft out sends ours once more', () => {
    station.apply({
      peers: [peerAt(PEER, { passive: true })],
      networks: [{ prefix: '10.5.0.0/16' }],
    });
    station.seconds(1);
    peer.log = [];
    expect(clear('out')).toContain('sent once more');
    expect(peer.log).toEqual(['+10.5.0.0/16']);
  });

  test('soft needs a session', () => {
    peer.crash();
    station.seconds(1);
    expect(clear('in')).toContain(`refused: ${NAME} is Active, not Established`);
    expect(clear('out')).toContain('refused');
  });

  test('soft in needs a peer that can be asked', () => {
    peer.crash();
    const deaf = station.raw(PEER);
    deaf.dial('10.0.0.1');
    station.seconds(1);
    deaf.send(deaf.open({ capabilities: [{ type: 'as4', asn: 64512 }] }));
    deaf.keepalive();
    station.seconds(1);
    expect(clear('in')).toContain('no route refresh');
  });

  test('of a peer that waits after an error dials at once', () => {
    station.apply({ peers: [peerAt('10.0.0.9', { errorWait: { min: 60, max: 60 } })] });
    const other = station.raw('10.0.0.9');
    other.listen();
    station.seconds(1);
    other.send(other.open({ version: 3 }));
    station.seconds(1);
    expect(station.state('10.0.0.9')).toBe('Idle');
    control.clear('p10.0.0.9', 'hard', undefined);
    station.seconds(1);
    expect(other.connections).toBe(2);
  });

  test('of a peer that has left says so', () => {
    expect(control.clear('nobody', 'in', undefined)).toEqual({
      refused: 'peer nobody has just left the configuration',
    });
  });
});

describe('accepting deletions', () => {
  const agentThat = (outcome: ReturnType<Agent['acceptDeletions']>): Agent =>
    ({ acceptDeletions: () => outcome }) as Agent;
  const accept = (agent?: Agent): Outcome =>
    speakerControl(station.speaker, agent).acceptDeletions();

  test('names the objects', () => {
    const accepted = ['Node//a', 'Node//b'];
    expect(accept(agentThat({ accepted }))).toEqual({
      done: '2 objects count as deleted now',
      objects: accepted,
    });
  });

  test('says when nothing is held back, as by a plain speaker', () => {
    expect(accept(agentThat({ accepted: [] }))).toEqual({ done: 'nothing is held back' });
    expect(accept()).toEqual({ done: 'nothing is held back' });
  });

  test('says why it is refused', () => {
    expect(accept(agentThat({ refused: 'the datastore is not in sync: refused' }))).toEqual({
      refused:
        'the datastore is not in sync: refused; what is deleted cannot be told from what is not seen',
    });
  });
});

describe('a drain', () => {
  test('is taken back while its sessions live', () => {
    expect(control.cancelDrain()).toEqual({ refused: 'it is not being drained' });
    control.drain(30, undefined);
    expect(control.drain(30, undefined)).toEqual({ refused: 'it is being drained already' });
    expect(control.cancelDrain()).toEqual({ done: 'the routes are announced as before' });
    control.drain(1, undefined);
    station.seconds(5);
    expect(control.cancelDrain()).toEqual({
      refused: 'every session has ended already; start the daemon anew',
    });
  });
});
