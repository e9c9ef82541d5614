import { describe, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/session/event.ts';
import type { PeerState } from '../../src/session/state.ts';
import {
  armedFor,
  closed,
  deeds,
  drive,
  inEstablished,
  inOpenConfirm,
  keepalive,
  open,
  peerOpen,
  started,
} from './support.ts';

const slot = 'outgoing';
const FOUR = 'ipv4-unicast';
const TIMER = 'outgoing/refresh-ipv4-unicast';
const END_OF_RIB: SessionEvent = { type: 'end-of-rib', family: FOUR };

const refresh = (subtype: number, family: 'ipv4-unicast' | undefined = FOUR): SessionEvent => ({
  type: 'route-refresh',
  slot,
  family,
  subtype,
});

const [REQUEST, BORR, EORR] = [refresh(0), refresh(1), refresh(2)];

/** Established with a peer whose first exchange is over. */
const inStep = (): PeerState => drive(inEstablished(), END_OF_RIB).state;

/** Established with a peer whose OPEN differs. */
const withPeer = (change: Parameters<typeof peerOpen>[0]): PeerState =>
  drive(started(), { type: 'connected' }, open(slot, peerOpen(change)), keepalive(slot)).state;

describe('a ROUTE-REFRESH', () => {
  test('of subtype 0 asks for everything once more', () => {
    const step = drive(inStep(), REQUEST);
    expect(step.actions).toContainEqual({ type: 'resend', family: FOUR });
    expect(armedFor(step, 'outgoing/hold')).toBe(90);
  });

  test.each([0, 1, 2, 77])('of subtype %i does so too without RFC 7313', (subtype) => {
    const plain = drive(withPeer({ enhancedRefresh: false }), END_OF_RIB).state;
    expect(drive(plain, refresh(subtype)).reason).toBe('refresh-requested');
  });

  test('of an unknown subtype is ignored', () => {
    expect(drive(inStep(), refresh(3))).toMatchObject({ reason: 'refresh-ignored' });
    expect(deeds(drive(inStep(), refresh(3)))).toEqual([]);
  });

  test.each([0, 1, 2])('of subtype %i for a family that is not in use is ignored', (subtype) => {
    const other = drive(withPeer({ families: ['ipv6-unicast'] }), END_OF_RIB).state;
    expect(drive(other, refresh(subtype)).reason).toBe('refresh-ignored');
    const unknown: SessionEvent = { type: 'route-refresh', slot, family: undefined, subtype };
    expect(deeds(drive(inStep(), unknown))).toEqual([]);
  });

  test('before the session is established is a Finite State Machine Error', () => {
    expect(drive(inOpenConfirm(), REQUEST).reason).toBe('unexpected-message');
  });
});

describe('an enhanced refresh', () => {
  test('marks at BoRR and sweeps at EoRR', () => {
    const begun = drive(inStep(), BORR);
    expect(deeds(begun)).toEqual(['mark-refresh']);
    const ended = drive(begun.state, EORR);
    expect(deeds(ended)).toEqual(['sweep-refresh']);
    expect(ended.state.armed.has(TIMER)).toBe(false);
  });

  test('begins anew with another BoRR', () => {
    const twice = drive(inStep(), BORR, BORR);
    expect(deeds(twice)).toEqual(['mark-refresh', 'mark-refresh']);
    expect(deeds(drive(twice.state, EORR, EORR))).toEqual(['sweep-refresh']);
  });

  test('is over when EoRR does not come in time', () => {
    const begun = drive(inStep(), BORR);
    expect(armedFor(begun, TIMER)).toBe(180);
    const late = drive(begun.state, { type: 'timer', timer: TIMER });
    expect(deeds(late)).toEqual(['sweep-refresh']);
    expect(late.reason).toBe('refresh-time-over');
    expect(drive(late.state, EORR).reason).toBe('refresh-ignored');
  });

  test('means nothing without BoRR', () => {
    expect(deeds(drive(inStep(), EORR))).toEqual([]);
  });

  test('means nothing before the End-of-RIB of a peer with graceful restart', () => {
    expect(drive(inEstablished(), BORR).reason).toBe('refresh-ignored');
    expect(drive(inEstablished(), END_OF_RIB, BORR).reason).toBe('refresh-begun');
  });

  test('need not wait for the End-of-RIB of a peer without graceful restart', () => {
    expect(drive(withPeer({ gracefulRestart: undefined }), BORR).reason).toBe('refresh-begun');
  });

  test('ends with its session', () => {
    const { state } = drive(inStep(), BORR, closed(slot));
    expect(state.armed.has(TIMER)).toBe(false);
    expect(deeds(drive(state, { type: 'timer', timer: TIMER }))).toEqual([]);
  });
});
