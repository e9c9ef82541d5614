import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printConfig } from '../../src/config/print.ts';
import { FULL, MINIMAL, problemsOf, resolved } from './written.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

test('what is printed reads as the same configuration', () => {
  const config = resolved(FULL);
  expect(resolved(printConfig(config, { redact: false }))).toStrictEqual(config);
});

test('any mix of peer fields survives printing and reading', () => {
  const peer = fc.record(
    {
      asn: fc.constantFrom(64512, 65001),
      port: fc.integer({ min: 1, max: 65535 }),
      holdTime: fc.constantFrom(0, 3, 90, 240),
      gracefulRestart: fc.constantFrom(true, false, { restartTime: 0 }),
      bfd: fc.constantFrom(true, { minTx: 100 }, { multihop: false, strict: true }),
      addPath: fc.constantFrom(true, false, { send: true }),
      importPolicy: fc.constantFrom('accept', 'reject', [], ['p']),
      exportEnd: fc.constantFrom('accept', 'reject'),
      prefixLimit: fc.constantFrom(
        { max: 1 },
        { max: 2, action: 'block' },
        { max: 3, action: 'restart', restartAfter: 900 },
      ),
      families: fc.constantFrom(['ipv4-unicast'], ['ipv6-unicast', 'ipv4-unicast']),
      localAsn: fc.constantFrom(64512, 65001),
      ttlSecurity: fc.constantFrom(1, 255),
    },
    { requiredKeys: ['asn'] },
  );
  fc.assert(
    fc.property(fc.array(peer, { maxLength: 4 }), (fields) => {
      const peers = fields.map((each, index) => ({
        name: `peer ${index}`,
        address: `10.0.0.${index + 2}`,
        ...each,
      }));
      const config = resolved({ ...MINIMAL, policies: FULL.policies, peers });
      expect(resolved(printConfig(config))).toStrictEqual(config);
    }),
    { numRuns },
  );
});

test('any value at all is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), fc.jsonValue(), (any, json) => {
      for (const written of [any, json, { ...MINIMAL, peers: any }, { ...MINIMAL, policies: json }])
        expect(Array.isArray(problemsOf(written))).toBe(true);
    }),
    { numRuns },
  );
});

test('passwords stay out of the print unless asked for', () => {
  const print = printConfig(resolved(FULL));
  expect(JSON.stringify(print)).not.toContain('secret');
  expect(print).toHaveProperty('peers.0.password', { redacted: true, from: 'configuration' });
});

test('fields stand in the order of the contract', () => {
  expect(Object.keys(printConfig(resolved(FULL)))).toEqual(
    'asn routerId clusterId listen kernel networks policies peers dynamicPeers bmp hostName softwareVersion'.split(
      ' ',
    ),
  );
});
