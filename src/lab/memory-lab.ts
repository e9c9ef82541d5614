import type { Resource } from '../datastore/datastore.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import { silentProbe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import { stateName } from '../speaker/report-peer.ts';
import { reportRoute } from '../speaker/report-route.ts';
import { Cluster, type Machine } from './cluster.ts';
import { ECHO_INTERVAL, type EchoReport, type Flow, FlowCounter } from './echo.ts';
import { blind, type Observation, type ObservedRoute, usableRoute } from './observation.ts';
import type { RunningLab } from './running-lab.ts';
import { walk } from './walk.ts';

/** The lab in this process: no socket, no namespace; echoes walk the FIBs hop by hop. */
export class MemoryLab implements RunningLab {
  readonly hint = 'As root on Linux, with iproute2, the lab has real kernels to look into';
  readonly #clock: Clock;
  readonly #cluster: Cluster;
  readonly #flows: { readonly flow: Flow; readonly counter: FlowCounter }[] = [];
  #timer: Timer | undefined;

  constructor(resources: readonly Resource[], clock: Clock, random: Random) {
    this.#clock = clock;
    const quiet = { logger: silentLogger, probe: silentProbe };
    this.#cluster = new Cluster({ resources, clock, random, ...quiet });
  }

  async start(): Promise<void> {
    this.#cluster.start();
  }

  async apply(resources: readonly Resource[]): Promise<void> {
    this.#cluster.datastore.apply(...resources);
  }

  async delete(key: string): Promise<void> {
    this.#cluster.datastore.delete(key);
  }

  async kill(member: string): Promise<void> {
    this.#cluster.machine(member)?.crash();
  }

  async replace(member: string): Promise<void> {
    this.#cluster.machine(member)?.start();
  }

  async observe(): Promise<readonly Observation[]> {
    return [...this.#cluster.machines].map(observationOf);
  }

  startEchoes(flows: readonly Flow[]): void {
    this.#flows.push(...flows.map((flow) => ({ flow, counter: new FlowCounter() })));
    this.#echo();
  }

  echoes(): readonly EchoReport[] {
    return this.#flows.map(({ flow, counter }) => ({ ...flow, ...counter.counts }));
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#cluster.stop();
  }

  #echo(): void {
    const now = this.#clock.now();
    const machines = [...this.#cluster.machines];
    for (const { flow, counter } of this.#flows) {
      const request = counter.sent(now);
      const there = walk(machines, flow.from, flow.to);
      if (there && walk(machines, flow.to, flow.from)) counter.answered(request);
      counter.expire(now);
    }
    this.#timer = this.#clock.setTimer('echo', ECHO_INTERVAL, () => this.#echo());
  }
}

function observationOf({ name, speaker, fib }: Machine): Observation {
  if (speaker === undefined) return blind(name, 'is down');
  const sessions = speaker.peers.map(
    (peer) => [peer.name, { state: stateName(peer), reason: peer.reason }] as const,
  );
  return { member: name, sessions: new Map(sessions), rib: ribOf(speaker), fib: fibOf(fib) };
}

function ribOf({ rib }: NonNullable<Machine['speaker']>): readonly ObservedRoute[] {
  if (rib === undefined) return [];
  const everything = {
    view: 'table',
    family: undefined,
    peer: undefined,
    filtered: false,
    prefix: undefined,
  } as const;
  return [...rib.routes(everything)].map(reportRoute).flatMap(usableRoute);
}

const fibOf = (fib: Machine['fib']): readonly ObservedRoute[] =>
  fib
    .routes()
    .flatMap(({ prefix, nextHops }) =>
      nextHops.flatMap(({ gateway }) =>
        gateway === undefined ? [] : [{ prefix: formatPrefix(prefix), nextHop: gateway }],
      ),
    );
