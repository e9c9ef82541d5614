import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EndpointStatusDatastore } from '../../../src/datastore/endpoint-status/endpoint-status-datastore.ts';
import { endpointStatusDirectory } from '../../../src/datastore/endpoint-status/status-files.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { RecordingListener } from '../recording-listener.ts';

const status = (address: string, bgpPeerName?: string): string =>
  JSON.stringify({ ifaceName: 'cali1', ipv4Nets: [`${address}/32`], ipv6Nets: [], bgpPeerName });

describe('the directory of endpoint status', () => {
  const clock = new VirtualClock();
  let root: string;
  let directory: string;
  let listener: RecordingListener;
  let store: EndpointStatusDatastore;

  const write = (name: string, text: string): void =>
    writeFileSync(path.join(directory, name), text);
  const pass = (): readonly string[] => {
    clock.advance(2000);
    return listener.drain();
  };
  const started = (): readonly string[] => {
    store.start(listener);
    return listener.drain();
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bengal-status-'));
    directory = path.join(root, 'endpoint-status');
    mkdirSync(directory);
    listener = new RecordingListener();
    store = new EndpointStatusDatastore({ directory, clock });
  });

  afterEach(() => {
    store.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('is read at the start, without workloads that no BGPPeer selects', () => {
    write('b', status('10.1.0.2', 'pods'));
    write('a', status('10.1.0.1', 'pods'));
    write('c', status('10.1.0.3'));
    write('.d', status('10.1.0.4', 'pods'));
    expect(started()).toEqual([
      'put WorkloadEndpointStatus//a',
      'put WorkloadEndpointStatus//b',
      'synchronised',
    ]);
  });

  test('that is not there is in sync and empty, and found when it comes', () => {
    rmSync(directory, { recursive: true });
    expect(started()).toEqual(['synchronised']);
    mkdirSync(directory);
    write('a', status('10.1.0.1', 'pods'));
    expect(pass()).toEqual(['put WorkloadEndpointStatus//a']);
    rmSync(directory, { recursive: true });
    expect(pass()).toEqual(['delete WorkloadEndpointStatus//a']);
  });

  test('tells changes, and nothing else', () => {
    write('a', status('10.1.0.1', 'pods'));
    started();
    write('a', ` ${status('10.1.0.1', 'pods')}`);
    expect(pass()).toEqual([]);
    write('a', status('10.1.0.9', 'pods'));
    expect(pass()).toEqual(['put WorkloadEndpointStatus//a']);
    write('a', status('10.1.0.9'));
    expect(pass()).toEqual(['delete WorkloadEndpointStatus//a']);
    rmSync(path.join(directory, 'a'));
    expect(pass()).toEqual([]);
  });

  test('is read again where a file is half-written, and in sync only then', () => {
    write('a', status('10.1.0.1', 'pods').slice(0, 20));
    write('b', status('10.1.0.2', 'pods'));
    expect(started()).toEqual(['put WorkloadEndpointStatus//b']);
    write('a', status('10.1.0.1', 'pods'));
    clock.advance(50);
    expect(listener.drain()).toEqual(['put WorkloadEndpointStatus//a', 'synchronised']);
  });

  test('keeps what a file said that stays malformed, and names the file', () => {
    write('a', status('10.1.0.1', 'pods'));
    started();
    write('a', '{"bgpPeerName":');
    expect(pass()).toEqual([]);
    clock.advance(50);
    expect(listener.drain()).toEqual([
      'problem a: is not a JSON object; what it said before stays (Wait for Felix to write it again, or remove it)',
    ]);
    expect(pass()).toEqual([]);
    write('a', status('10.1.0.2', 'pods'));
    expect(pass()).toEqual(['resolved a', 'put WorkloadEndpointStatus//a']);
  });

  test('comes in sync although a file stays malformed', () => {
    write('a', '[]');
    expect(started()).toEqual([]);
    clock.advance(50);
    expect(listener.drain().at(-1)).toBe('synchronised');
  });

  test('that cannot be listed is out of sync until it can be', () => {
    write('a', status('10.1.0.1', 'pods'));
    started();
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no directory');
    expect(pass()).toEqual([expect.stringContaining('cannot be read: ENOTDIR'), 'lost sync']);
    rmSync(directory);
    mkdirSync(directory);
    write('a', status('10.1.0.1', 'pods'));
    expect(pass()).toEqual([`resolved ${directory}`, 'synchronised']);
  });

  test('is silent once stopped', () => {
    started();
    store.stop();
    write('a', status('10.1.0.1', 'pods'));
    expect(pass()).toEqual([]);
  });

  test('is watched: a new file needs no poll', async () => {
    const live = new EndpointStatusDatastore({ directory, clock: processClock, poll: 60_000 });
    const put = new Promise<string>((resolve) => {
      live.start({
        put: ({ metadata }) => resolve(metadata.name),
        delete: () => {},
        synchronised: () => write('a', status('10.1.0.1', 'pods')),
        lostSync: () => {},
        problem: () => {},
        resolved: () => {},
      });
    });
    expect(await put).toBe('a');
    live.stop();
  });
});

test('the directory is below the prefix of the environment', () => {
  expect(endpointStatusDirectory(undefined)).toBe('/var/run/calico/endpoint-status');
  expect(endpointStatusDirectory('')).toBe('/var/run/calico/endpoint-status');
  expect(endpointStatusDirectory('/run/x')).toBe('/run/x/endpoint-status');
});
