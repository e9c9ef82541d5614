import { beforeEach, expect, test } from 'vitest';
import type { ListenHandler } from '../../src/transport/transport.ts';
import { peerAt, SPEAKER_ADDRESS, SPEAKER_ADDRESS_V6, Station } from './station.ts';

const PEER = '10.0.0.2';
const V4 = { address: SPEAKER_ADDRESS, port: 179 };
const V6 = { address: SPEAKER_ADDRESS_V6, port: 179 };

let station: Station;

beforeEach(() => {
  station = new Station();
});

const NOBODY: ListenHandler = {
  listening: () => {},
  failed: () => {},
  accepted: (connection) => connection.destroy(),
};

test('a port that another process holds is tried again until it is free', () => {
  const holder = station.network.hostOf(SPEAKER_ADDRESS)?.listen(V4, NOBODY);
  station.start({ listen: [V4, V6] });
  station.seconds(30);
  expect(station.speaker.listening).toEqual([V6]);
  expect(station.speaker.errors.map(({ code }) => code)).toEqual(['port-in-use']);
  expect(station.speaker.ready).toBe(false);
  holder?.close();
  station.seconds(3);
  expect(station.speaker.listening).toEqual([V4, V6]);
  expect(station.speaker.errors).toEqual([]);
  expect(station.speaker.ready).toBe(true);
});

test('an address that the machine does not have yet is tried again', () => {
  station.start({ listen: [{ address: '10.0.0.77', port: 179 }, V4] });
  station.seconds(10);
  expect(station.speaker.errors.map(({ code }) => code)).toEqual(['no-such-address']);
  expect(station.speaker.listening).toEqual([V4]);
});

test('addresses come and go while sessions stay', () => {
  station.start({ listen: [V4], peers: [peerAt(PEER, { passive: true })] });
  station.established(PEER);
  const config = { peers: [peerAt(PEER, { passive: true })] };
  station.apply({ ...config, listen: [V4, V6] });
  station.seconds(1);
  expect(station.speaker.listening).toEqual([V4, V6]);
  station.apply({ ...config, listen: [V6] });
  station.seconds(1);
  expect(station.speaker.listening).toEqual([V6]);
  expect(station.peer(PEER).flaps).toBe(0);
  expect(station.state(PEER)).toBe('Established');
});
