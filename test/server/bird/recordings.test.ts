import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerCommand } from '../../../src/server/bird/command.ts';
import { framed } from '../../../src/server/bird/lines.ts';
import type { BirdContext } from '../../../src/server/bird/show.ts';
import { NOW, RecordedNode, recording } from './recorded-node.ts';

const context = (view: RecordedNode): BirdContext => ({
  view,
  family: 'ipv4-unicast',
  now: NOW,
  version: '0.1.0',
  interfaces: () => [
    {
      name: 'lo',
      index: 1,
      mtu: 65536,
      up: true,
      loopback: true,
      addresses: ['127.0.0.1/8', '::1/128'],
    },
    { name: 'eth0', index: 2, mtu: 1500, up: true, loopback: false, addresses: ['10.0.0.1/24'] },
    { name: 'down0', index: 5, mtu: 1500, up: false, loopback: false, addresses: [] },
  ],
});

const answer = (view: RecordedNode, command: string): string =>
  [...framed(answerCommand(command.trimEnd(), { restricted: false }, context(view)))].join('');

/** An answer without what depends on the moment, on counters, or on what bengal cannot know. */
const shape = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/\d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/BIRD \S*1\.6\.8\S*/g, 'BIRD VERSION')
    .replaceAll(
      /(?<=Routes: .*|updates: .*|withdraws: .*| wait: .*| timer: .*|timer is ).*/g,
      (rest) => rest.replaceAll(/ *(?:\d+|-)/g, ' N'),
    )
    .replaceAll(/^.*(?:Kernel\.source|ext_community).*\n/gm, '')
    .replaceAll(/^(?:1012-| )(?=\tKernel\.metric)/gm, '1012-')
    .replaceAll(/Reading configuration from .*/g, 'Reading configuration');

/** What is answered in another way, with the reason. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['show memory\n', 'another allocator, so other rows'],
  ['show symbols\n', 'no filters and functions'],
  ['show static\n', 'in the order of the table'],
  ['show interfaces\n', 'the machine is another one'],
  ['show interfaces summary\n', 'the machine is another one'],
  ['show route preexport Mesh_10_0_0_2\n', 'kernel routes are not offered to peers'],
]);

describe('the recorded dialogues of a BIRD', () => {
  const exchanges = recording('bird-v4.json').filter(({ client }) => client !== null);

  for (const { client, daemon } of exchanges) {
    const command = client ?? '';
    if (DIFFERENT.has(command)) continue;
    test(`are answered as BIRD answers: ${JSON.stringify(command)}`, () => {
      expect(shape(answer(new RecordedNode(), command))).toBe(shape(daemon));
    });
  }

  test('every command that is answered differently is answered well-formed', () => {
    for (const command of DIFFERENT.keys()) {
      expect(answer(new RecordedNode(), command)).toMatch(/^(?:(?:\d{4}-| ).*\n)*\d{4} .*\n$/);
    }
  });
});

describe('while recovery from a restart lasts', () => {
  for (const { client, daemon } of recording('bird-v4-gr-recovery.json')) {
    if (client === null || client === 'show memory\n') continue;
    test(`answers as BIRD answers: ${JSON.stringify(client)}`, () => {
      const view = new RecordedNode();
      view.recovering = true;
      expect(shape(answer(view, client))).toBe(shape(daemon));
    });
  }
});

describe('commands that would change something', () => {
  test('are refused, with and without restrict', () => {
    const rights = { restricted: false };
    const say = (command: string): string =>
      [...framed(answerCommand(command, rights, context(new RecordedNode())))].join('');
    expect(say('disable Mesh_10_0_0_2')).toBe('8007 Access denied\n');
    expect(say('configure soft')).toContain('0003 Reconfigured');
    expect(say('configure undo')).toBe('0019 Nothing to do\n');
    expect(say('restrict')).toBe('0016 Access restricted\n');
    expect(say('configure')).toBe('8007 Access denied\n');
    expect(say('down')).toBe('8007 Access denied\n');
    expect(say('show status')).toContain('0013 Daemon is up and running');
  });

  test('any words of the language are answered with one final line, and it is the last', () => {
    const word = fc.constantFrom(
      ...'show route protocols all count stats primary filtered export preexport noexport'.split(
        ' ',
      ),
      ...'kernel1 Mesh_10_0_0_2 Mesh_10_0_0_9 for 10.244.1.5 10.0.0.0/8 fd00::/8 table'.split(' '),
      ...'master protocol where filter { } accept; source = RTS_BGP bgp_path.len > 1 "'.split(' '),
      ...'interfaces summary configure timeout 10 "Mesh_*" constructor __proto__'.split(' '),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.boolean(), (words, route) => {
        const text = answer(
          new RecordedNode(),
          [...(route ? ['show route'] : []), ...words].join(' '),
        );
        expect(text).toMatch(/^(?:(?:\d{4}-| ).*\n)*\d{4} .*\n$/);
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    );
  });

  test('text that a peer chose cannot forge lines', () => {
    const view = new RecordedNode();
    view.peerRows = view.peerRows.map((peer) => ({
      ...peer,
      state: 'Idle',
      reason: 'kept down: \n0000 \r',
    }));
    expect(answer(view, 'show protocols').match(/^0000 /gm)).toHaveLength(1);
  });

  test('blanks are of no account, case is', () => {
    expect(answer(new RecordedNode(), '  show \t status  ')).toContain('0013 ');
    expect(answer(new RecordedNode(), 'SHOW STATUS')).toBe('9001 syntax error\n');
    expect(answer(new RecordedNode(), 'x'.repeat(600))).toBe('9001 Symbol too long\n');
  });
});
