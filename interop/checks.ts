import { setTimeout as delay } from 'node:timers/promises';
import { kernelRoutes } from '../src/lab/kernel-routes.ts';
import type { Family } from '../src/net/family.ts';
import type { RouteRow } from '../src/server/view.ts';
import { absent, eventually, now } from './eventually.ts';
import { askBengal, socketOf } from './products/bengal.ts';
import type { Host } from './runner.ts';
import type { NeighborConfig, Route, Speaker, Witness } from './speaker.ts';
import { isIpv6 } from './speaker.ts';

const familyOf = (prefix: string): Family => (isIpv6(prefix) ? 'ipv6-unicast' : 'ipv4-unicast');

const label = ({ product, host }: Witness): string => `${product} on ${host.name}`;

/** Waits until every session of every speaker is established. */
export async function established(...speakers: readonly Witness[]): Promise<void> {
  for (const speaker of speakers) {
    await eventually(`${label(speaker)} established`, 25, async () => {
      const down = (await speaker.sessions()).filter((session) => !session.established);
      if (down.length === 0) return undefined;
      return down.map(({ neighbor, state }) => `to ${neighbor} is ${state}`).join(', ');
    });
  }
}

/** Waits until `speaker` knows by itself that its sessions to `neighbor` are over. */
export async function down(speaker: Witness, neighbor: Host, seconds: number): Promise<void> {
  await eventually(`${label(speaker)} down`, seconds, async () => {
    const sessions = (await speaker.sessions()).filter((at) => at.neighbor === neighbor.name);
    const up = sessions.find(({ established }) => established);
    return up === undefined ? undefined : `to ${neighbor.name} is still ${up.state}`;
  });
}

/** Watches for some seconds that the session to `neighbor` does not come up. */
export async function staysDown(speaker: Witness, neighbor: Host, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    await now(`${label(speaker)} stays down`, async () => {
      const session = (await speaker.sessions()).find((at) => at.neighbor === neighbor.name);
      return session?.established ? `the session to ${neighbor.name} came up` : undefined;
    });
    await delay(500);
  }
}

/** Waits until `speaker` shows `words` with the session to `neighbor`. */
export async function shows(
  speaker: Speaker,
  neighbor: NeighborConfig,
  words: string,
): Promise<void> {
  await eventually(`${label(speaker)} shows`, 10, async () => {
    const text = await speaker.shown(neighbor);
    return text.includes(words) ? undefined : `"${words}" is not among its words`;
  });
}

/** What a learned route must look like; a field that is not named may be anything. */
export type Expected = Partial<Omit<Route, 'prefix'>>;

/** Waits until `speaker` has every one of `prefixes` as its best path, looking like `expected`. */
export async function learned(
  speaker: Witness,
  prefixes: readonly string[],
  expected: Expected = {},
  seconds = 20,
): Promise<void> {
  await eventually(`${label(speaker)} learned`, seconds, () =>
    missingRoutes(speaker, prefixes, expected),
  );
}

/** What is missing of that at this moment. */
export async function missingRoutes(
  speaker: Witness,
  prefixes: readonly string[],
  expected: Expected = {},
): Promise<string | undefined> {
  const wanted = prefixes.map((prefix) => describe({ ...expected, prefix }, expected));
  const best = (await routesTo(speaker, prefixes)).filter((route) => route.best);
  const missing = absent(wanted, new Set(best.map((route) => describe(route, expected))));
  if (missing === undefined) return undefined;
  const instead =
    best
      .slice(0, 2)
      .map((route) => describe(route, expected))
      .join(', ') || 'none of them';
  return `${missing}; has ${instead}`;
}

/** Watches for some seconds that `speaker` has no use for a path to any of `prefixes`. */
export async function unused(
  speaker: Witness,
  prefixes: readonly string[],
  seconds = 2,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    await now(`${label(speaker)} has no use for a route`, async () => {
      const used = (await routesTo(speaker, prefixes)).find(({ best }) => best);
      return used && `it has ${used.prefix} with path "${used.asPath}"`;
    });
    await delay(300);
  }
}

/** Waits until the subject says why it refuses `prefix`; of another product, that it has no use for it. */
export async function refused(subject: Witness, prefix: string, reason: string): Promise<void> {
  if (subject.product !== 'bengal') return unused(subject, [prefix]);
  await eventually(`${label(subject)} refuses ${prefix}`, 20, async () => {
    const rows = await askBengal<RouteRow>(subject.host, socketOf(subject.host), 'routes');
    const states = rows
      .filter((row) => row.prefix === prefix)
      .map((row) => `${row.state}, ${row.reason}`);
    const missing = absent([`rejected, ${reason}`], new Set(states));
    return missing && `no path is ${missing}; has ${states.join('; ') || 'none'}`;
  });
}

/** The learned paths to these prefixes. */
async function routesTo(speaker: Witness, prefixes: readonly string[]): Promise<readonly Route[]> {
  const wanted = new Set(prefixes);
  const families = [...new Set(prefixes.map(familyOf))];
  const tables = await Promise.all(families.map((family) => speaker.routes(family)));
  return tables.flat().filter(({ prefix }) => wanted.has(prefix));
}

/** Waits until `speaker` has none of `prefixes`. */
export async function forgotten(
  speaker: Witness,
  prefixes: readonly string[],
  seconds = 20,
): Promise<void> {
  await eventually(`${label(speaker)} forgot`, seconds, async () => {
    const left = await routesTo(speaker, prefixes);
    return left.length === 0
      ? undefined
      : `still has ${left[0]?.prefix} and ${left.length - 1} more`;
  });
}

/** Waits until the FIB of `host` leads `prefixes` through `gateway`. */
export async function programmed(
  host: Host,
  prefixes: readonly string[],
  gateway: Host,
): Promise<void> {
  await eventually(`FIB of ${host.name}`, 20, () => missingFromFib(host, prefixes, gateway));
}

/** What is missing of that at this moment. */
export async function missingFromFib(
  host: Host,
  prefixes: readonly string[],
  gateway: Host,
): Promise<string | undefined> {
  // A product that was sent both next hops of RFC 2545 §3 may prefer the link-local one.
  const has = (await fib(host)).map(({ prefix, nextHop }) => {
    const hop = nextHop === gateway.linkLocal ? gateway.ipv6 : nextHop;
    return `${prefix} via ${hop}`;
  });
  const through = (prefix: string): string => (isIpv6(prefix) ? gateway.ipv6 : gateway.ipv4);
  const wanted = prefixes.map((prefix) => `${prefix} via ${through(prefix)}`);
  return absent(wanted, new Set(has));
}

/** Waits until the FIB of `host` has none of `prefixes`. */
export async function unprogrammed(host: Host, prefixes: readonly string[]): Promise<void> {
  await eventually(`FIB of ${host.name}`, 20, async () => {
    const left = (await fib(host)).filter(({ prefix }) => prefixes.includes(prefix));
    return left.length === 0 ? undefined : `still has ${left[0]?.prefix}`;
  });
}

const fib = (host: Host): ReturnType<typeof kernelRoutes> =>
  kernelRoutes((...args) => host.run(['ip', ...args]));

const sorted = (list: readonly string[] = []): string => [...list].sort().join(' ');

function describe(route: Expected & { readonly prefix: string }, named: Expected): string {
  const words = [route.prefix];
  if (named.nextHop !== undefined) words.push(`via ${route.nextHop}`);
  if (named.localPref !== undefined) words.push(`local pref ${route.localPref}`);
  if (named.med !== undefined) words.push(`MED ${route.med}`);
  if (named.asPath !== undefined) words.push(`path "${route.asPath}"`);
  if (named.med !== undefined) words.push(`med ${route.med}`);
  if (named.communities !== undefined) words.push(`communities ${sorted(route.communities)}`);
  if (named.largeCommunities !== undefined)
    words.push(`large communities ${sorted(route.largeCommunities)}`);
  if (named.routeTarget !== undefined) words.push(`route target ${route.routeTarget}`);
  if (named.linkBandwidth !== undefined) words.push(`bandwidth ${route.linkBandwidth}`);
  if (named.originatorId !== undefined) words.push(`originator ${route.originatorId}`);
  if (named.clusterList !== undefined) words.push(`clusters ${route.clusterList?.join(' ')}`);
  return words.join(' ');
}
