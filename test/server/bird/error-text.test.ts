import { describe, expect, test } from 'vitest';
import { errorText } from '../../../src/server/bird/error-text.ts';
import type { NotificationStatus, PeerStatus } from '../../../src/server/view.ts';
import { fakePeer } from '../fake-view.ts';

const EARLY = '2026-01-01T00:00:00.000Z';
const LATE = '2026-01-01T00:00:01.000Z';

const text = (more: Partial<PeerStatus>): string =>
  errorText(fakePeer('Mesh_10_0_0_2', '10.0.0.2', { state: 'Active', ...more }));

const failed = (words: string): string => text({ lastError: { at: LATE, text: words } });

const notified = (more: Partial<NotificationStatus>): NotificationStatus => ({
  direction: 'received',
  at: LATE,
  code: 6,
  subcode: 2,
  text: 'Cease / Administrative Shutdown',
  ...more,
});

describe('why a session is not up', () => {
  test('is in the words of the system when the connection failed', () => {
    expect(failed('dial-failed: ECONNREFUSED')).toBe('Socket: Connection refused');
    expect(failed('dial-failed: unreachable')).toBe('Socket: No route to host');
    expect(failed('dial-failed: EWEIRD')).toBe('Socket: EWEIRD');
    expect(failed('dial-timed-out')).toBe('Socket: Connection timed out');
    expect(failed('connection-lost: the peer closed the connection')).toBe(
      'Socket: Connection closed',
    );
    expect(failed('connection-lost: the peer reset the connection (ECONNRESET)')).toBe(
      'Socket: Connection reset by peer',
    );
    expect(failed('open-rejected')).toBe('Error: open-rejected');
  });

  test('tells what the peer said from what we said', () => {
    expect(text({ lastNotification: notified({}) })).toBe('Received: Administrative shutdown');
    const own = notified({ direction: 'sent', code: 2, subcode: 2 });
    expect(text({ lastNotification: own })).toBe('BGP Error: Bad peer AS');
    const odd = notified({ code: 9, subcode: 9 });
    expect(text({ lastNotification: odd })).toBe('Received: Unknown error 9.9');
  });

  test('is the latest of both', () => {
    const lastError = { at: LATE, text: 'dial-failed: refused' };
    expect(text({ lastError, lastNotification: notified({ at: EARLY }) })).toBe(
      'Socket: Connection refused',
    );
    expect(text({ lastError, lastNotification: notified({}) })).toContain('Received: ');
  });

  test('is empty while it is up, or nothing happened yet', () => {
    expect(text({ state: 'Established', lastNotification: notified({}) })).toBe('');
    expect(text({})).toBe('');
    expect(text({ reason: 'kept down: no secret' })).toBe('Error: kept down: no secret');
  });
});
