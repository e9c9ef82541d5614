import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../runner.ts';
import type { Route, Speaker } from '../../speaker.ts';
import type { Case } from './cases.ts';
import type { Seen } from './outcome.ts';
import { type Probe, strike } from './probe.ts';
import { innocent, later, scriptOf } from './script.ts';

/** Seconds after which a session whose other side shows nothing at all counts as kept. */
const PATIENCE = 25;

/** A case and its neighbour. */
export interface Called {
  readonly one: Case;
  readonly index: number;
  readonly host: Host;
}

/** Sends cases to one speaker; resolves to what it made of each, in their order. */
export async function showAll(
  speaker: Speaker,
  called: readonly Called[],
  prober: Host,
): Promise<readonly Seen[]> {
  const probes = await Promise.all(
    called.map(async ({ one, index, host }) => {
      const way = { namespace: prober.namespace, from: host.ipv4, to: speaker.host.ipv4 };
      const nextHops = { 'ipv4-unicast': host.ipv4, 'ipv6-unicast': prober.ipv6 };
      return { host, index, probe: await strike(way, scriptOf(one, index, nextHops)) };
    }),
  );
  for (;;) {
    const tables = await tablesOf(speaker);
    const looks = probes.map(({ host, index, probe }): Look => {
      // By its address or, in two products, by the name of its session.
      const routes = tables.get(host.ipv4) ?? tables.get(`${host.name}_ipv4`) ?? new Map();
      return { index, probe, seen: { product: speaker.product, ended: probe.ended, routes } };
    });
    // What was sent in one piece with this route was read with it.
    for (const { index, probe, seen } of looks) {
      if (seen.routes.has(innocent(index))) probe.goOn();
    }
    if (looks.every(settled)) {
      for (const { probe } of probes) probe.end();
      return looks.map(({ seen }) => seen);
    }
    await delay(300);
  }
}

interface Look {
  readonly index: number;
  readonly probe: Probe;
  readonly seen: Seen;
}

/** Over, or gone on with: the route that was announced behind the message has come. */
const settled = ({ index, probe, seen }: Look): boolean =>
  seen.ended !== undefined ||
  seen.routes.has(later(index)) ||
  probe.approved ||
  probe.age > PATIENCE;

/** By session, then by prefix. */
async function tablesOf(speaker: Speaker): Promise<Map<string, Map<string, Route>>> {
  const tables = new Map<string, Map<string, Route>>();
  for (const family of ['ipv4-unicast', 'ipv6-unicast'] as const) {
    for (const route of await speaker.routes(family)) {
      const { from = '' } = route;
      const table = tables.get(from) ?? new Map<string, Route>();
      tables.set(from, table.set(route.prefix, route));
    }
  }
  return tables;
}
