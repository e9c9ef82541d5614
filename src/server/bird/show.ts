import type { Family } from '../../net/family.ts';
import { compileGlob } from '../../net/glob.ts';
import type { SpeakerView } from '../view.ts';
import { end, type Line, line, oneLine, only } from './lines.ts';
import { type ProtocolCounts, protocolDetails } from './protocol-details.ts';
import { HEADING, type Protocol, protocolRow, protocolsOf } from './protocols.ts';
import { parseRouteRequest } from './route-request.ts';
import { protocolOf } from './route-rows.ts';
import { showRoute } from './show-route.ts';
import { dateTimeText } from './time-text.ts';

/** What the answers of one socket are made of. */
export interface BirdContext {
  readonly view: SpeakerView;
  readonly family: Family;
  /** Wall-clock milliseconds. */
  readonly now: number;
  readonly version: string;
  /** This machine's links. */
  readonly interfaces: () => readonly HostInterface[];
}

export interface HostInterface {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  readonly up: boolean;
  readonly loopback: boolean;
  /** Addresses with their prefix lengths, as `10.0.0.1/24`. */
  readonly addresses: readonly string[];
}

/** An answer; an undefined line is work without a line, where whoever writes may pause. */
export type Answer = Iterable<Line | undefined>;

/** Seconds after which recovery ends whoever is missing; BIRD's `graceful restart wait`. */
const RECOVERY_TIME = 240;

export const SYNTAX_ERROR: Answer = only(9001, 'syntax error');

/** Answers the words behind `show`. */
export function show(words: readonly string[], context: BirdContext): Answer {
  const [what, ...rest] = words;
  switch (what) {
    case 'protocols':
      return showProtocols(rest, context);
    case 'route':
      return showRoutes(rest, context);
    case 'bfd':
      return rest[0] === 'sessions' ? only(9001, 'There is no BFD protocol running') : SYNTAX_ERROR;
    case 'interfaces':
      if (rest[0] === 'summary' && rest.length === 1) return interfaceSummary(context);
  }
  return (rest.length === 0 ? SIMPLE.get(what ?? '')?.(context) : undefined) ?? SYNTAX_ERROR;
}

const SIMPLE: ReadonlyMap<string, (context: BirdContext) => Answer> = new Map<
  string,
  (context: BirdContext) => Answer
>([
  ['status', showStatus],
  ['interfaces', showInterfaces],
  ['memory', showMemory],
  ['symbols', showSymbols],
  ['static', showStatic],
  ['roa', () => only(9001, 'No ROA table defined')],
]);

/** The `v` stands in Calico's versions of BIRD; its tools look for it. */
export const birdVersion = (version: string): string => `v1.6.8+bengal${version}`;

export const banner = (version: string): string => `BIRD ${birdVersion(version)}`;

function* showStatus({ view, now, version }: BirdContext): Generator<Line> {
  const { routerId, startedAt, configuredAt, recovery } = view.status();
  yield line(1000, banner(version));
  yield line(1011, `Router ID is ${routerId}`);
  yield line(1011, `Current server time is ${dateTimeText(now)}`);
  yield line(1011, `Last reboot on ${dateTimeText(Date.parse(startedAt))}`);
  const configured = Date.parse(configuredAt ?? startedAt);
  yield line(1011, `Last reconfiguration on ${dateTimeText(configured)}`);
  if (recovery !== undefined) {
    yield line(24, 'Graceful restart recovery in progress');
    yield line(24, `  Waiting for ${recovery.awaited.length} protocols to recover`);
    yield line(24, `  Wait timer is ${recovery.secondsLeft}/${RECOVERY_TIME}`);
  }
  yield end(13, 'Daemon is up and running');
}

const allProtocols = ({ view, family }: BirdContext): readonly Protocol[] =>
  protocolsOf(view.status(), view.peers(), family);

function showProtocols(words: readonly string[], context: BirdContext): Answer {
  const verbose = words[0] === 'all';
  const [wanted, ...more] = verbose ? words.slice(1) : words;
  if (more.length > 0) return SYNTAX_ERROR;
  const all = allProtocols(context);
  if (wanted === undefined) return protocolLines(all, verbose, context);
  const quoted = /^"([^"]*)"$/.exec(wanted)?.[1];
  const matches = quoted === undefined ? (name: string) => name === wanted : compileGlob(quoted);
  const found = all.filter(({ name }) => matches(name));
  if (found.length > 0) return protocolLines(found, verbose, context);
  if (quoted !== undefined) return only(8003, 'No protocols match');
  return only(9002, `${oneLine(wanted)} is not a protocol`);
}

function* protocolLines(
  protocols: readonly Protocol[],
  verbose: boolean,
  context: BirdContext,
): Generator<Line | undefined> {
  const { view, family, now } = context;
  yield line(2002, HEADING);
  const counts = verbose
    ? yield* routeCounts(context, protocols)
    : new Map<string, ProtocolCounts>();
  const status = view.status();
  for (const protocol of protocols) {
    yield line(1002, protocolRow(protocol, now));
    if (!verbose) continue;
    const own = counts.get(protocol.name) ?? { imported: 0, preferred: 0 };
    for (const text of protocolDetails(protocol, own, status, family)) yield line(1006, text);
  }
  yield end();
}

/** What each protocol has in the table: one walk for all of them, and less for one session. */
function* routeCounts(
  { view, family }: BirdContext,
  protocols: readonly Protocol[],
): Generator<undefined, ReadonlyMap<string, ProtocolCounts>> {
  const counts = new Map<string, { imported: number; preferred: number }>();
  const [peer] = protocols.length === 1 ? protocols.map((at) => at.peer?.name) : [];
  const place = peer === undefined ? 'table' : 'in';
  const query = { view: place, peer, filtered: false, prefix: undefined } as const;
  for (const row of view.routes({ ...query, family })) {
    yield undefined;
    if (row.state === 'rejected') continue;
    const name = protocolOf(row);
    const own = counts.get(name) ?? { imported: 0, preferred: 0 };
    own.imported++;
    if (row.state === 'best') own.preferred++;
    counts.set(name, own);
  }
  return counts;
}

function showRoutes(words: readonly string[], context: BirdContext): Answer {
  const protocols = allProtocols(context);
  const names = new Set(protocols.map(({ name }) => name));
  const parsed = parseRouteRequest(words, context.family, names);
  if ('refused' in parsed) return [parsed.refused];
  return showRoute(context, parsed.request, protocols, context.now);
}

function* showInterfaces({ interfaces, family }: BirdContext): Generator<Line> {
  for (const { name, index, mtu, up, loopback, addresses } of interfaces()) {
    const kind = loopback ? 'Loopback Ignored' : 'Broadcast Multicast';
    const state = up ? 'AdminUp LinkUp' : 'AdminDown LinkDown';
    yield line(1001, `${name} ${up ? 'up' : 'DOWN'} (index=${index})`);
    yield line(
      1004,
      `\tMultiAccess ${loopback ? `${state} ${kind}` : `${kind} ${state}`} MTU=${mtu}`,
    );
    for (const address of ofFamily(addresses, family)) yield line(1003, `\t${address}`);
  }
  yield end();
}

function* interfaceSummary({ interfaces, family }: BirdContext): Generator<Line> {
  yield line(2005, 'interface state address');
  for (const { name, up, addresses } of interfaces()) {
    const [address = ''] = ofFamily(addresses, family);
    yield line(1005, `${name.padEnd(9)} ${(up ? 'up' : 'DOWN').padEnd(5)} ${address}`);
  }
  yield end();
}

const ofFamily = (addresses: readonly string[], family: Family): readonly string[] =>
  addresses.filter((address) => address.includes(':') === (family === 'ipv6-unicast'));

function* showMemory(): Generator<Line> {
  const { heapUsed, external, rss } = process.memoryUsage();
  const row = (title: string, bytes: number): Line =>
    line(1018, `${title.padEnd(17)} ${String(Math.round(bytes / 1024)).padStart(5)} kB`);
  yield line(1018, 'BIRD memory usage');
  yield row('Heap:', heapUsed);
  yield row('Buffers:', external);
  yield row('Total:', rss);
  yield end();
}

function* showSymbols(context: BirdContext): Generator<Line> {
  yield line(1010, 'master  \trouting table');
  for (const { name } of allProtocols(context)) yield line(1010, `${name.padEnd(8)}\tprotocol`);
  yield end();
}

function* showStatic({ view, family }: BirdContext): Generator<Line | undefined> {
  const query = { view: 'table', peer: undefined, filtered: false, prefix: undefined } as const;
  for (const row of view.routes({ ...query, family })) {
    yield undefined;
    if (row.source !== 'static') continue;
    const { prefix, type, nextHop } = row;
    yield line(1009, `${prefix} ${nextHop === undefined ? (type ?? '') : `via ${nextHop}`}`);
  }
  yield end();
}
