/** Why a message or an attribute was judged bad: stable names, each with one line of text. */
const REASONS = {
  // RFC 4271 §6.1
  'bad-marker': 'the marker is not all ones',
  'bad-message-length': 'the length does not fit the message type or the session',
  'unknown-message-type': 'the message type is not known',
  // RFC 4271 §6.2
  'bad-version': 'the BGP version is not 4',
  'as-zero-peer': 'the AS number is 0 (RFC 7607)',
  'bad-bgp-id': 'the BGP identifier is 0',
  'bad-hold-time': 'the hold time is 1 or 2 seconds',
  'unknown-parameter': 'an optional parameter is not known',
  'malformed-parameters': 'the optional parameters or capabilities do not fit their lengths',
  'malformed-as4-capability': 'the 4-octet AS capability has a wrong length',
  // RFC 4271 §6.3 and RFC 7606
  'bad-update-lengths': 'withdrawn routes and attributes do not fit the message',
  'bad-nlri': 'a prefix is too long or overruns its field',
  'bad-mp-nlri': 'a prefix of an MP attribute is too long or overruns it',
  'bad-mp-attribute': 'an MP attribute has wrong flags, length or next-hop length',
  'duplicate-mp-attribute': 'an MP attribute appears twice',
  'error-without-nlri':
    'an attribute is malformed and there is no route to withdraw (RFC 7606 §5.2)',
  // RFC 7313 §5
  'bad-refresh-length': 'a BoRR or EoRR does not have 4 octets',
  // Attributes, RFC 7606 §3 to §7
  'bad-flags': 'the Optional or Transitive bit contradicts the definition',
  'bad-length': 'the length is wrong',
  'bad-value': 'the value is not defined',
  'bad-segment': 'an AS path segment is malformed',
  'confed-segment': 'a confederation segment came from outside the confederation',
  'as-zero': 'AS number 0 (RFC 7607)',
  'no-host-address': 'the next hop is not a host address',
  'duplicate-attribute': 'the attribute appears twice; the first one counts',
  'cut-short': 'an attribute overruns the attribute block',
  'missing-attribute': 'a mandatory attribute is missing',
  'missing-local-pref': 'LOCAL_PREF is missing; 100 is assumed',
  'unknown-well-known': 'a well-known attribute is not known',
  'unknown-non-transitive': 'an unknown non-transitive attribute is not kept',
  'not-from-ebgp': 'the attribute has no meaning from an external peer',
  'not-from-as4-speaker': 'the attribute has no meaning from a 4-octet AS speaker',
  'not-enabled': 'the attribute is not enabled on this session',
} as const;

export type WireReason = keyof typeof REASONS;

/** One line of text for each reason. */
export const WIRE_REASON_TEXT: Readonly<Record<WireReason, string>> = REASONS;
