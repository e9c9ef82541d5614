import type { Explanation } from './explained.ts';

/** BIRD 2.0.12. */
export const BIRD: readonly Explanation[] = [
  {
    cases: /\/aggregator-as-zero\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with AGGREGATOR 0 10.0.0.2',
    why: 'RFC 7607 §2 discards AS 0; BIRD does not look for it',
  },
  {
    cases: /^rfc\/upd\/aspath-as0$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 7607 §2 withdraws AS 0; BIRD does not look for it',
  },
  {
    cases: /^rfc\/upd\/aspath-as-set$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 9774 §3 withdraws AS_SET; BIRD 2.0 is older and takes it',
  },
  {
    cases: /\/aigp-len-0\/ibgp$/,
    ours: 'accepted',
    theirs: 'accepted with AIGP',
    why: 'RFC 7311 §3.2 ignores a malformed one; BIRD finds no fault where there is no TLV at all',
  },
  {
    cases: /\/prefix-sid-flag-nontrans\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with 40 010007000000000001',
    why: 'RFC 8669 §6 discards; BIRD does not know the attribute and keeps it to itself',
  },
  {
    cases: /\/prefix-sid-tlv-overrun\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with 40 0100ff000000',
    why: 'RFC 8669 §6 discards; BIRD does not know the attribute and passes it on',
  },
  {
    cases: /\/prefix-sid-bad-label-index\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with 40 010000',
    why: 'RFC 8669 §6 discards; BIRD does not know the attribute and passes it on',
  },
  {
    cases: /\/nhc-bad-afi-safi\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with 39 00ff010001000100',
    why: 'a draft discards; BIRD does not know the attribute and passes it on',
  },
  {
    cases: /\/pmsi-len-4\/[ei]bgp$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 7606 §8 advises to withdraw; BIRD does not know the attribute and passes it on',
  },
  {
    cases: /\/ipv6-extcomm-flag-nontrans\/[ei]bgp$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 7606 §3(c) withdraws; BIRD does not know the attribute and keeps it to itself',
  },
  {
    cases: /\/unknown-fd-nontransitive\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'accepted with 253 deadbeef',
    why: 'RFC 4271 §9 ignores it and passes it on to nobody; BIRD shows it, but does not pass it on either',
  },
  {
    cases: /\/unknown-fe-transitive\/[ei]bgp$/,
    ours: 'accepted',
    theirs: 'withdrawn',
    why: 'RFC 4271 §9 takes unknown transitive attributes; BIRD uses code 254 for label stacks of its own and finds a malformed one',
  },
  {
    cases: /^rfc\/upd\/lcomm-dup-values$/,
    ours: 'accepted with LARGE_COMMUNITIES 1:2:3',
    theirs: 'accepted with LARGE_COMMUNITIES 1:2:3 1:2:3',
    why: 'RFC 8092 §3 removes duplicates silently; BIRD keeps them',
  },
  {
    cases: /\/mp-unreach-truncated\/ebgp$/,
    ours: '3/9',
    theirs: '3/1',
    why: 'both reset; RFC 4760 §7 names 3/9, BIRD says 3/1',
  },
  {
    cases: /^rfc\/upd\/mp-plen-129$/,
    ours: '3/9',
    theirs: '3/10',
    why: 'both reset; RFC 4760 §7 names 3/9, BIRD says 3/10',
  },
  {
    cases: /^rfc\/hdr\/keepalive-20$/,
    ours: '1/2',
    theirs: 'kept',
    why: 'RFC 4271 §6.1 has 1/2; BIRD takes it',
  },
  {
    cases: /^rfc\/hdr\/notification-20$/,
    ours: 'closed',
    theirs: '1/2',
    why: 'BIRD answers a NOTIFICATION, against RFC 4271 §6.4; we only close',
  },
  {
    cases: /^rfc\/hdr\/len-4097$/,
    ours: 'kept',
    theirs: '1/2',
    why: 'we offered extended messages and must take them (RFC 8654 §4); BIRD does not offer them by itself',
  },
  {
    cases: /^rfc\/fsm\/update-in-openconfirm$/,
    ours: '5/2',
    theirs: 'kept',
    why: 'RFC 6608 §4 has 5/2; BIRD takes it for the missing KEEPALIVE',
  },
];
