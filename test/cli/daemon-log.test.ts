import { expect, test } from 'vitest';
import { logTo } from '../../src/cli/daemon-log.ts';

test('a log line is one JSON object with level, time, fields and message', () => {
  const lines: string[] = [];
  const log = logTo({ write: (line) => lines.push(line) }, 'info');
  log.info({ peer: 'one' }, 'ready');
  log.debug({}, 'not shown');
  log.level = 'debug';
  log.child({ asn: 64512 }).debug({ text: 'a\nb\x1b[1m' }, 'shown');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), peer: 'one', msg: 'ready' },
    {
      level: 'debug',
      time: expect.any(String),
      asn: 64512,
      text: 'a\nb\x1b[1m',
      msg: 'shown',
    },
  ]);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
});
