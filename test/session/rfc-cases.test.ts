import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseIpv4Number } from '../../src/net/address.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { fsmState, type PeerState } from '../../src/session/state.ts';
import { MessageError } from '../../src/wire/errors.ts';
import { messageTypeAt } from '../../src/wire/header.ts';
import { decodeNotification } from '../../src/wire/notification.ts';
import { decodeOpen } from '../../src/wire/open.ts';
import {
  CONNECTED,
  drive,
  keepalive,
  notified,
  open,
  peerOpen,
  settings,
  started,
} from './support.ts';

interface Case {
  readonly id: string;
  readonly hex: string;
  readonly phase: 'OpenSent' | 'OpenConfirm' | 'Established';
  readonly ambiguous?: boolean;
  readonly context: {
    readonly localAs: number;
    readonly peerAs: number;
    readonly localBgpId?: string;
  };
  readonly expect: {
    readonly reaction: string;
    readonly notification?: {
      readonly code: number;
      readonly subcode: number;
      readonly dataHex?: string;
    };
  };
}

const FILE = new URL('../../fixtures/session/rfc-cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly cases: readonly Case[] };
const slot = 'outgoing';

function inPhase({ phase, context }: Case): PeerState {
  const mine = {
    localAsn: context.localAs,
    remoteAsn: context.peerAs,
    routerId: parseIpv4Number(context.localBgpId ?? '10.255.0.1') ?? 0,
  };
  const opened = drive(started(mine), CONNECTED).state;
  if (phase === 'OpenSent') return opened;
  const theirs = open(slot, peerOpen({}, undefined, settings(mine)));
  const confirmed = drive(opened, theirs).state;
  return phase === 'OpenConfirm' ? confirmed : drive(confirmed, keepalive(slot)).state;
}

/** The message as the host would report it. */
function eventOf({ hex }: Case): SessionEvent {
  const bytes = Buffer.from(hex, 'hex');
  switch (messageTypeAt(bytes, 0)) {
    case 1:
      return openEvent(bytes);
    case 2:
      return { type: 'update', slot };
    case 3:
      return { type: 'notification', slot, ...decodeNotification(bytes, 0, bytes.length) };
    default:
      return keepalive(slot);
  }
}

function openEvent(bytes: Buffer): SessionEvent {
  try {
    return open(slot, decodeOpen(bytes, 0, bytes.length));
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    const { code, subcode, data, message } = error;
    return { type: 'malformed', slot, code, subcode, data, detail: message };
  }
}

describe('cases written from RFC text', () => {
  test('are all there', () => {
    expect(cases.length).toBe(22);
  });

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const step = drive(inPhase(one), eventOf(one));
    const { notification, reaction } = one.expect;
    if (reaction === 'accept') {
      expect(notified(step), step.detail).toEqual([]);
      expect(fsmState(step.state)).toBe('open-confirm');
    } else if (notification !== undefined) {
      const { code, subcode, dataHex = '' } = notification;
      expect(notified(step)).toEqual([[slot, code, subcode, [...Buffer.from(dataHex, 'hex')]]]);
      expect(fsmState(step.state)).toBe('idle');
    } else if (one.phase === 'OpenConfirm') {
      // A second OPEN: ours is the reset of the two answers that the RFCs allow.
      expect(notified(step)).toEqual([[slot, 5, 2, [1]]]);
    } else {
      expect(notified(step)).toEqual([]);
      expect(fsmState(step.state)).toBe('idle');
    }
  });
});
