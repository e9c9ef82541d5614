import type { Place } from './place.ts';
import { suggest } from './suggest.ts';
import type { SessionConfig, SpeakerConfig } from './types.ts';

/** What can be judged only with the whole configuration in sight. */
export function checkSpeaker(config: SpeakerConfig, place: Place): void {
  refuseRepeated(
    config.peers.map(({ name }) => name),
    'the name of',
    place,
    ['peers', 'name'],
  );
  refuseRepeated(
    config.peers.map(({ address, port, interface: zone = '' }) => `${address} ${port} ${zone}`),
    'address and port of',
    place,
    ['peers', 'address'],
  );
  refuseRepeated(
    config.dynamicPeers.map(({ range }) => range),
    'the range of',
    place,
    ['dynamicPeers', 'range'],
  );
  refuseRepeated(
    config.networks.map(({ prefix }) => prefix),
    'the prefix of',
    place,
    ['networks', 'prefix'],
  );
  refuseRepeated(
    config.bmp.map(({ address, port }) => `${address} ${port}`),
    'the address and port of',
    place,
    ['bmp', 'address'],
  );
  requireListen(config, place);
  checkPolicyNames(config, place);
}

function refuseRepeated(
  values: readonly string[],
  what: string,
  place: Place,
  [list, field]: readonly [string, string],
): void {
  const first = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, index);
    else
      place
        .at(list)
        .at(index)
        .at(field)
        .report(`this is ${what} ${list}[${earlier}] too`, `Change or remove one of the two`);
  }
}

function requireListen({ listen, peers, dynamicPeers }: SpeakerConfig, place: Place): void {
  if (listen.length > 0) return;
  for (const [index, { passive }] of peers.entries())
    if (passive)
      place
        .at('peers')
        .at(index)
        .at('passive')
        .report('a passive peer needs a listening socket', 'Add listen or remove passive');
  if (dynamicPeers.length > 0)
    place.at('dynamicPeers').report('dynamic peers need a listening socket', 'Add listen');
}

function checkPolicyNames({ policies, ...config }: SpeakerConfig, place: Place): void {
  const check = (names: readonly string[], at: Place): void => {
    for (const [index, name] of names.entries()) {
      if (Object.hasOwn(policies, name)) continue;
      const meant = suggest(name, Object.keys(policies));
      at.at(index).report(
        `no policy is named ${name}`,
        meant === undefined ? `Add ${name} to policies` : `Did you mean ${meant}?`,
      );
    }
  };
  const checkSession = (session: SessionConfig, at: Place): void => {
    check(session.importPolicy, at.at('importPolicy'));
    check(session.exportPolicy, at.at('exportPolicy'));
  };
  for (const [index, peer] of config.peers.entries())
    checkSession(peer, place.at('peers').at(index));
  for (const [index, peer] of config.dynamicPeers.entries())
    checkSession(peer, place.at('dynamicPeers').at(index));
  if (config.kernel?.program)
    check(config.kernel.program.policy, place.at('kernel').at('program').at('policy'));
}
