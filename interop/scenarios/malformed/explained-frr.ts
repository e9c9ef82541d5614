import type { Explanation } from './explained.ts';

/*
 * FRR 8.4.4. Three habits of its bgp_attr.c are behind most of this:
 *
 * - `bgp_attr_malformed` relaxes errors for eBGP peers only. An internal one gets the NOTIFICATION of
 *   RFC 4271 §6.3, where RFC 7606 makes no difference between both unless it says so.
 * - It leaves a malformed attribute by `withdraw` without going on behind the attributes that follow:
 *   `bgp_update_receive` then takes those for NLRI and mostly finds a prefix length over 32 (3/10).
 * - What neither has a rule of its own nor is optional, transitive and partial is answered by 3/1.
 */

const INTERNAL = 'FRR resets an internal peer by RFC 4271 §6.3';

const internal = (cases: RegExp, ours: string, theirs: string, rule: string): Explanation => ({
  cases,
  ours,
  theirs,
  why: `${rule}, from internal peers too; ${INTERNAL}`,
});

const ATTRIBUTE_ERRORS: readonly Explanation[] = [
  internal(/\/origin-len-[02]\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §7.1 withdraws'),
  internal(/\/origin-value-3\/ibgp$/, 'withdrawn', '3/6', 'RFC 7606 §7.1 withdraws'),
  internal(/\/aspath-seg-len-overrun\/ibgp$/, 'withdrawn', '3/11', 'RFC 7606 §7.2 withdraws'),
  internal(/\/med-len-[03]\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §7.4 withdraws'),
  internal(/\/local-pref-len-[03]\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §7.5 withdraws'),
  internal(/\/atomic-aggregate-len-1\/ibgp$/, 'accepted', '3/5', 'RFC 7606 §7.6 discards'),
  internal(/7606\/comm-len-5\/ibgp$/, 'withdrawn', '3/9', 'RFC 7606 §7.8 withdraws'),
  internal(/\/originator-id-len-3\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §7.9 withdraws'),
  internal(/\/cluster-list-len-5\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §7.10 withdraws'),
  internal(/\/large-comm-len-13\/ibgp$/, 'withdrawn', '3/9', 'RFC 8092 §6 withdraws'),
  internal(/\/otc-len-3\/ibgp$/, 'withdrawn', '3/5', 'RFC 9234 §5 withdraws'),
  internal(
    /\/(aspath-flag-optional|(comm|extcomm|ipv6-extcomm|large-comm|otc|as4path)-flag-nontrans|originator-id-flag-trans)\/ibgp$/,
    'withdrawn',
    '3/4',
    'RFC 7606 §3(c) withdraws',
  ),
  internal(/\/pmsi-len-4\/ibgp$/, 'withdrawn', '3/5', 'RFC 7606 §8 advises to withdraw'),
  internal(/\/prefix-sid-flag-nontrans\/ibgp$/, 'accepted', '3/4', 'RFC 8669 §6 discards'),
  internal(
    /\/prefix-sid-(tlv-overrun|bad-label-index)\/ibgp$/,
    'accepted',
    '3/5',
    'RFC 8669 §6 discards',
  ),
  internal(
    /\/otc-value-0\/ibgp$/,
    'accepted',
    '3/11',
    'RFC 9234 §5 calls only a wrong length malformed, so that AS 0 is taken',
  ),
  {
    cases:
      /\/(origin-len-[02]|origin-value-3|aspath-flag-optional|aspath-seg-len-overrun)\/ebgp$|^rfc\/upd\/(origin-3|aspath-seg0|aspath-2octet-on-as4|two-errors-strongest)$/,
    ours: 'withdrawn',
    theirs: '3/10',
    why: 'RFC 7606 §7.1, §7.2 and §3(c) withdraw; FRR withdraws, too, and then reads the attributes behind as NLRI',
  },
  {
    cases: /\/prefix-sid-(tlv-overrun|bad-label-index)\/ebgp$/,
    ours: 'accepted',
    theirs: '3/1',
    why: 'RFC 8669 §6 discards; FRR has no rule for this attribute and resets, until FRRouting/frr pull 15628',
  },
  {
    cases: /\/pmsi-len-4\/ebgp$/,
    ours: 'withdrawn',
    theirs: '3/1',
    why: 'RFC 7606 §8 advises to withdraw; FRR has no rule for this attribute and resets',
  },
  {
    cases: /\/(originator-id-len-3|cluster-list-len-5)\/ebgp$/,
    ours: 'accepted',
    theirs: 'withdrawn',
    why: 'RFC 7606 §7.9 and §7.10 discard from external peers whatever it holds; FRR judges the length first',
  },
  {
    cases: /^rfc\/upd\/cluster-list-ebgp$/,
    ours: 'accepted',
    theirs: 'accepted with CLUSTER_LIST 10.0.0.9',
    why: 'RFC 7606 §7.10 discards from external peers; FRR keeps it',
  },
  {
    cases: /^rfc\/upd\/originator-ebgp$/,
    ours: 'accepted',
    theirs: 'accepted with ORIGINATOR_ID 10.0.0.9',
    why: 'RFC 7606 §7.9 discards from external peers; FRR keeps it',
  },
  {
    cases: /\/as4path-flag-nontrans\/ebgp$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 7606 §3(c) withdraws; FRR discards whatever is wrong with AS4_PATH, as RFC 6793 §6 does with its value',
  },
  {
    cases: /\/otc-value-0\/ebgp$/,
    ours: 'accepted',
    theirs: 'withdrawn',
    why: 'RFC 9234 §5 calls only a wrong length malformed; FRR takes AS 0 for an error as well',
  },
  {
    cases: /^rfc\/upd\/aspath-as-set$/,
    ours: 'withdrawn',
    theirs: 'accepted',
    why: 'RFC 9774 §3 withdraws AS_SET; FRR 8.4 is older and has a switch for it that is off',
  },
  {
    cases: /^rfc\/upd\/mp-nexthop-present-ignored$/,
    ours: 'accepted',
    theirs: 'withdrawn',
    why: 'RFC 4760 §3 ignores NEXT_HOP without NLRI of its own; FRR withdraws since it is 0.0.0.0',
  },
  {
    cases: /^rfc\/upd\/missing-localpref-ibgp$/,
    ours: 'accepted',
    theirs: 'withdrawn',
    why: 'RFC 4271 §5 requires LOCAL_PREF without calling it mandatory; FRR takes RFC 7606 §3(d) to mean it, we assume 100 as BIRD does',
  },
  {
    cases: /^rfc\/upd\/no-attrs-with-nlri$/,
    ours: 'withdrawn',
    theirs: 'unchanged',
    why: 'RFC 7606 §3(d) withdraws; FRR does not look at NLRI without attributes',
  },
  {
    cases: /^rfc\/upd\/wellknown-unknown$/,
    ours: 'withdrawn',
    theirs: '3/1',
    why: 'RFC 4271 §6.3 resets with 3/2, FRR with 3/1; we withdraw, so that a distant sender harms no session',
  },
  {
    cases: /^rfc\/upd\/attr-trailing-1$/,
    ours: 'withdrawn',
    theirs: '3/5',
    why: 'RFC 7606 §4 withdraws where octets are left behind the last attribute; FRR resets',
  },
  {
    cases: /^rfc\/upd\/malformed-no-nlri$/,
    ours: '3/1',
    theirs: 'kept',
    why: 'RFC 7606 §5.2 resets where nothing can be withdrawn; FRR goes on (FRRouting/frr issue 22563)',
  },
  {
    cases: /^rfc\/upd\/mp-nh-len-15$/,
    ours: '3/9',
    theirs: '3/1',
    why: 'both reset; RFC 4760 §7 names 3/9, FRR says 3/1',
  },
];

export const FRR: readonly Explanation[] = [
  ...ATTRIBUTE_ERRORS,
  {
    cases: /^rfc\/hdr\/notification-20$/,
    ours: 'closed',
    theirs: '1/2',
    why: 'FRR answers a NOTIFICATION, against RFC 4271 §6.4; we only close',
  },
  {
    cases: /^rfc\/hdr\/len-4097$/,
    ours: 'kept',
    theirs: '1/2',
    why: 'we offered extended messages and must take them (RFC 8654 §4); FRR does not offer them by itself',
  },
  {
    cases: /^rfc\/open\/opt-param-auth-1$/,
    ours: '2/4',
    theirs: '2/5',
    why: 'RFC 4271 §6.2 deprecates 2/5 with the parameter; FRR still sends it',
  },
  {
    cases: /^rfc\/fsm\/open-in-openconfirm-2nd$/,
    ours: '5/2',
    theirs: 'closed',
    why: 'RFC 6608 §4 has 5/2; FRR closes without a word',
  },
  {
    cases: /^rfc\/fsm\/open-in-established$/,
    ours: '5/3',
    theirs: 'closed',
    why: 'RFC 6608 §4 has 5/3; FRR closes without a word',
  },
];
