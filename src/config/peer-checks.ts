import { isLinkLocal, parseAddress } from '../net/address.ts';
import type { Place } from './place.ts';
import type { DynamicPeerConfig, PeerConfig, SessionConfig, Verdict } from './types.ts';

type Written = Readonly<Record<string, unknown>>;

/** What no field of a peer can be judged for alone. */
export function checkPeer(peer: PeerConfig, place: Place, written: Written): void {
  checkSession(peer, place, written);
  const address = parseAddress(peer.address);
  const local = peer.localAddress === undefined ? undefined : parseAddress(peer.localAddress);
  if (address && isLinkLocal(address) && peer.interface === undefined)
    place
      .at('interface')
      .report(`${peer.address} is link-local and needs an interface`, 'Add interface');
  if (address && local && address.length !== local.length)
    place
      .at('localAddress')
      .report(
        `${peer.localAddress} and ${peer.address} are of two families`,
        'Give a local address of the family of the peer',
      );
}

export function checkDynamicPeer(peer: DynamicPeerConfig, place: Place, written: Written): void {
  checkSession(peer, place, written);
  if (peer.bfd?.strict === true)
    place
      .at('bfd')
      .report(
        'whoever is to dial cannot be awaited by BFD, which needs an address beforehand',
        'Remove strict, or configure the peer by its address',
      );
}

export function checkPrefixLimit(
  { action, restartAfter }: NonNullable<SessionConfig['prefixLimit']>,
  place: Place,
): void {
  if (restartAfter !== undefined && action !== 'restart')
    place
      .at('restartAfter')
      .report(`nothing restarts with action ${action}`, 'Write action: restart, or remove it');
}

function checkSession(session: SessionConfig, place: Place, written: Written): void {
  const { holdTime, keepaliveTime, sendHoldTime, errorWait } = session;
  if (Object.hasOwn(written, 'multihop') && session.ttlSecurity !== undefined)
    place.at('ttlSecurity').report('ttlSecurity excludes multihop', 'Remove one of them');
  if (holdTime === 1 || holdTime === 2)
    place
      .at('holdTime')
      .report(`a hold time of ${holdTime} is forbidden (RFC 4271 §4.2)`, 'Write 0, or 3 or more');
  if (keepaliveTime !== undefined && holdTime > 0 && keepaliveTime >= holdTime)
    place
      .at('keepaliveTime')
      .report(
        `keepalives every ${keepaliveTime} s cannot meet a hold time of ${holdTime} s`,
        'Lower keepaliveTime, best to a third of holdTime',
      );
  if (sendHoldTime !== undefined && sendHoldTime > 0 && sendHoldTime <= holdTime)
    place
      .at('sendHoldTime')
      .report(
        `a send hold time of ${sendHoldTime} s does not exceed the hold time of ${holdTime} s`,
        'Raise sendHoldTime, write 0 to turn it off, or remove it',
      );
  if (session.longLivedGracefulRestart !== undefined && session.gracefulRestart === undefined)
    place
      .at('longLivedGracefulRestart')
      .report('means nothing without gracefulRestart (RFC 9494 §3.1)', 'Remove one of them');
  if (errorWait.min > errorWait.max)
    place.at('errorWait').report('min is greater than max', 'Lower min or raise max');
  if (session.families.length === 0)
    place.at('families').report('no family is left', 'Name one, or remove families for both');
  checkExternal(session, place);
  checkEnd('import', session.importEnd, place, written);
  checkEnd('export', session.exportEnd, place, written);
}

/** What only eBGP has, or only iBGP. */
function checkExternal(session: SessionConfig, place: Place): void {
  const { asn, localAsn, role, roleRequired, routeServerClient } = session;
  const refuse = (field: string): void => {
    place.at(field).report(`an internal peer has no ${field}`, `Remove ${field}`);
  };
  if (roleRequired && role === undefined)
    place.at('roleRequired').report('a role is required of the peer, but none is ours', 'Add role');
  if (asn !== localAsn && session.longLivedPartialDeployment)
    place
      .at('longLivedPartialDeployment')
      .report('an external peer is never sent such routes (RFC 9494 §4.6)', 'Remove it');
  if (asn !== localAsn) return;
  if (role !== undefined) refuse('role');
  if (routeServerClient) refuse('routeServerClient');
}

function checkEnd(
  direction: 'import' | 'export',
  end: Verdict,
  place: Place,
  written: Written,
): void {
  const short = written[`${direction}Policy`];
  if ((short !== 'accept' && short !== 'reject') || short === end) return;
  place
    .at(`${direction}End`)
    .report(
      `${direction}Policy says ${short} and ${direction}End says ${end}`,
      `Remove ${direction}End`,
    );
}
