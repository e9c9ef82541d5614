import { describe, expect, test } from 'vitest';
import { decodeLine } from '../../src/wire/decode-line.ts';
import { type ErrorCase, readCases } from './fixtures.ts';

/**
 * Cases where this codec is not the one to react (the session or the RIB is), or where sources
 * differ and ours is written here. What the codec makes of the bytes, with the reason.
 */
const OWN_ANSWER: Readonly<Record<string, string>> = {
  // Compared with the configuration or the state of the session.
  'rfc/open/bad-peer-as': 'message',
  'rfc/open/as4-cap-mismatch-peer': 'message',
  'rfc/open/bgp-id-same-ibgp': 'message',
  'rfc/fsm/update-in-opensent': 'message',
  'rfc/fsm/keepalive-in-opensent': 'message',
  'rfc/fsm/open-in-openconfirm-2nd': 'message',
  'rfc/fsm/update-in-openconfirm': 'message',
  'rfc/fsm/open-in-established': 'message',
  // No NOTIFICATION is ever answered, so none is ever an error.
  'rfc/hdr/notification-20': 'message',
  'rfc/ntf/cease-2-shutdown-msg': 'message',
  'rfc/ntf/cease-2-len-overrun': 'message',
  'rfc/ntf/hold-expired': 'message',
  // The RIB refuses these routes: loops, own next hop, AS_SET by the import rule.
  'rfc/upd/originator-self': 'message',
  'rfc/upd/cluster-loop': 'message',
  'rfc/upd/nh-own-address': 'message',
  'rfc/upd/aspath-as-set': 'message',
  // RFC 4271 §5: unknown optional transitive attributes travel on.
  'frr7606/unknown-fe-transitive/ebgp': 'message',
  'frr7606/unknown-fe-transitive/ibgp': 'message',
  // RFC 9234 has nothing against AS 0.
  'frr7606/otc-value-0/ebgp': 'message',
  'frr7606/otc-value-0/ibgp': 'message',
  // 100 is assumed.
  'rfc/upd/missing-localpref-ibgp': 'message',
  // Its sender may be far away.
  'rfc/upd/wellknown-unknown': 'treat-as-withdraw',
  'rfc/upd/as4path-on-as4-session': 'attribute-discard',
};

interface Answer {
  readonly error?: {
    readonly remedy: string;
    readonly notification: { readonly code: number; readonly subcode: number; dataHex: string };
  };
  readonly message?: { readonly endOfRib?: object };
  readonly remedies?: readonly { readonly attribute: number; readonly remedy: string }[];
}

const decode = ({ hex, context }: Pick<ErrorCase, 'hex' | 'context'>): Answer => {
  const { asn4, peerType } = context;
  const options = { as4: asn4, addPath: false, kind: peerType, extendedMessages: false };
  return decodeLine(hex, options)?.json ?? {};
};

/** The strongest thing that happened, in the words of the fixtures. */
function reactionTo({ error, message, remedies = [] }: Answer): string {
  if (error !== undefined) return error.remedy;
  if (remedies.some(({ remedy }) => remedy === 'treat-as-withdraw')) return 'treat-as-withdraw';
  if (remedies.length > 0) return 'attribute-discard';
  return message?.endOfRib === undefined ? 'message' : 'end-of-rib';
}

function expectedReaction({ id, expect: { reaction } }: ErrorCase): string {
  const own = OWN_ANSWER[id];
  if (own !== undefined) return own;
  return reaction.startsWith('accept') ? 'message' : reaction;
}

const cases = ['rfc7606', 'rfc-authored'].flatMap((file) =>
  readCases<ErrorCase>(`errors/${file}.json`),
);

describe('malformed messages', () => {
  test.each(cases)('$id: $expect.reaction', (one) => {
    const answer = decode(one);
    const reaction = reactionTo(answer);
    const opens = reaction === 'end-of-rib' && one.id.startsWith('rfc/fsm');
    expect(opens ? 'message' : reaction).toBe(expectedReaction(one));
    const { notification, discardedAttr } = one.expect;
    if (reaction === 'session-reset' && notification !== undefined) {
      expect(answer.error?.notification).toMatchObject(
        'code' in notification ? notification : { code: notification[0], subcode: notification[1] },
      );
    }
    if (reaction === 'attribute-discard' && discardedAttr !== undefined) {
      expect(answer.remedies?.map(({ attribute }) => attribute)).toEqual([discardedAttr]);
    }
  });

  test.each(readCases<ErrorCase>('errors/bad-length.json'))('$id is no message', ({ hex }) => {
    const answer = decode({ hex, context: { asn4: true, peerType: 'ebgp' } });
    expect(answer.error?.notification).toEqual({ code: 1, subcode: 1, dataHex: '' });
  });
});
