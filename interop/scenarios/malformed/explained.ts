import type { Product } from '../../speaker.ts';

/** The cases that differ for one reason, and the reason. */
type Difference = readonly [cases: RegExp, reason: string];

const NOTIFICATION: Difference = [
  /^rfc\/hdr\/notification-20$/,
  'it answers a NOTIFICATION, against RFC 4271 §6.4; we only close',
];

const LENGTH: Difference = [
  /^rfc\/hdr\/len-4097$/,
  'we offered extended messages and wait for the rest (RFC 8654 §4); it did not',
];

/** Where a product's session fares otherwise than ours. */
export const EXPLAINED: Readonly<Partial<Record<Product, readonly Difference[]>>> = {
  frr: [
    NOTIFICATION,
    LENGTH,
    [/^frr7606\/.*\/ibgp$/, 'FRR 8.4 follows RFC 7606 on eBGP only, of which its §2 knows nothing'],
    [
      /^frr7606\/(origin|aspath)-.*\/ebgp$|^rfc\/upd\/(origin-3|aspath-seg0|aspath-2octet-on-as4|two-errors-strongest)$/,
      'FRR 8.4 withdraws and then reads prefixes out of the attributes (3/10); RFC 7606 §2 keeps the session',
    ],
    [
      /^frr7606\/(prefix-sid|pmsi)-.*\/ebgp$/,
      'FRR 8.4 resets with 3/1; RFC 8669 §6 discards, RFC 7606 §8 withdraws',
    ],
    [/^rfc\/open\/opt-param-auth-1$/, 'FRR sends 2/5, which RFC 4271 §6.2 deprecates; ours is 2/4'],
    [
      /^rfc\/fsm\/open-in-(openconfirm-2nd|established)$/,
      'FRR closes without a word; RFC 6608 §4 has 5/2 and 5/3',
    ],
    [/^rfc\/upd\/mp-nh-len-15$/, 'both reset; RFC 4760 §7 names 3/9, FRR says 3/1'],
    [
      /^rfc\/upd\/wellknown-unknown$/,
      'RFC 4271 §6.3 resets with 3/2, FRR with 3/1; we withdraw, so that a distant sender harms no session',
    ],
    [/^rfc\/upd\/attr-trailing-1$/, 'FRR resets; RFC 7606 §4 withdraws'],
    [
      /^rfc\/upd\/malformed-no-nlri$/,
      'RFC 7606 §5.2 resets where nothing can be withdrawn; FRR goes on',
    ],
  ],
  bird: [
    NOTIFICATION,
    LENGTH,
    [/^rfc\/hdr\/keepalive-20$/, 'BIRD takes it; RFC 4271 §6.1 has 1/2'],
    [/^rfc\/fsm\/update-in-openconfirm$/, 'BIRD takes it for a KEEPALIVE; RFC 6608 §4 has 5/2'],
    [
      /^frr7606\/mp-unreach-truncated\/ebgp$|^rfc\/upd\/mp-plen-129$/,
      'both reset; RFC 4760 §7 names 3/9, BIRD says 3/1 or 3/10',
    ],
  ],
};
