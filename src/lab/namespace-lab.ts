import path from 'node:path';
import type { Resource } from '../datastore/datastore.ts';
import { maxLengthOf } from '../net/family.ts';
import type { Clock } from '../runtime/clock.ts';
import type { PeerStatus } from '../speaker/peer-status.ts';
import type { RouteRow } from '../speaker/route-row.ts';
import { rowsOf } from './control-socket.ts';
import type { EchoReport, Flow } from './echo.ts';
import { kernelRoutes } from './kernel-routes.ts';
import { LabEtcd } from './lab-etcd.ts';
import { NamespaceEcho } from './namespace-echo.ts';
import { addressCommand, type Namespace, Namespaces } from './namespaces.ts';
import { blind, type Observation, usableRoute } from './observation.ts';
import { type Member, planOf } from './plan.ts';
import type { Program } from './program.ts';
import { ResourceDirectory } from './resource-directory.ts';
import type { ResourceStore } from './resource-store.ts';
import type { RunningLab } from './running-lab.ts';

/** Marks the namespaces and folders of labs. */
export const LAB_LABEL = 'bengal-lab';

export interface NamespaceLabOptions {
  readonly resources: readonly Resource[];
  readonly datastore: 'file' | 'etcd';
  readonly clock: Clock;
  /** The command line that starts bengal. */
  readonly program: readonly string[];
}

interface Running {
  readonly member: Member;
  readonly namespace: Namespace;
  /** Starts a process for it. */
  readonly spawn: () => Program;
  readonly socket: string;
  daemon: Program;
  /** It has answered once. */
  up: boolean;
}

/** The lab in network namespaces: real kernels, a `bengal node` or `bengal reflector` in each. */
export class NamespaceLab implements RunningLab {
  readonly #options: NamespaceLabOptions;
  readonly #namespaces = new Namespaces(LAB_LABEL);
  readonly #echo: NamespaceEcho;
  readonly #running: Running[] = [];
  #store: ResourceStore | undefined;

  constructor(options: NamespaceLabOptions) {
    this.#options = options;
    this.#echo = new NamespaceEcho(options.clock);
  }

  async start(): Promise<void> {
    const { resources } = this.#options;
    const { members } = planOf(resources);
    const store = await this.#openStore();
    this.#store = store;
    await store.apply(resources);
    const ports: { namespace: Namespace; addresses: readonly string[] }[] = [];
    for (const member of members) {
      const namespace = await this.#namespaces.create(member.name);
      const addresses = member.addresses.map(({ address, length }) => `${address}/${length}`);
      ports.push({ namespace, addresses });
    }
    await this.#namespaces.connect(ports);
    for (const [index, member] of members.entries()) {
      const namespace = ports[index]?.namespace;
      if (namespace !== undefined) await this.#startMember(member, namespace, store);
    }
  }

  async apply(resources: readonly Resource[]): Promise<void> {
    await this.#store?.apply(resources);
  }

  async delete(key: string): Promise<void> {
    await this.#store?.delete(key);
  }

  async kill(member: string): Promise<void> {
    await this.#runningAs(member)?.daemon.stop('SIGKILL');
  }

  async replace(member: string): Promise<void> {
    const running = this.#runningAs(member);
    if (running === undefined) return;
    running.daemon = running.spawn();
    running.up = false;
  }

  get hint(): string {
    const names = this.#running.map(({ namespace }) => namespace.name).join(' ');
    return `Look inside with \`ip -n NAMESPACE route\`: ${names}; ${this.#store?.hint}`;
  }

  observe(): Promise<readonly Observation[]> {
    return Promise.all(this.#running.map(observationOf));
  }

  startEchoes(flows: readonly Flow[]): void {
    this.#echo.start(flows);
  }

  echoes(): readonly EchoReport[] {
    return this.#echo.reports();
  }

  async stop(): Promise<void> {
    this.#echo.stop();
    this.#store?.close();
    await this.#namespaces.remove();
  }

  #runningAs(name: string): Running | undefined {
    return this.#running.find(({ member }) => member.name === name);
  }

  async #openStore(): Promise<ResourceStore> {
    const { datastore, clock } = this.#options;
    if (datastore === 'etcd') return LabEtcd.start(this.#namespaces, clock);
    return new ResourceDirectory(path.join(this.#namespaces.folder, '_resources'));
  }

  async #startMember(member: Member, namespace: Namespace, store: ResourceStore): Promise<void> {
    for (const [index, { pod, length }] of podsOf(member).entries()) {
      await addPod(namespace, `cali${index + 1}`, `${pod}/${length}`);
      this.#echo.open(namespace, pod);
    }
    const { folder } = namespace;
    const socket = path.join(folder, 'bengal.sock');
    const { options, env } = await store.open(namespace);
    const management = ['--socket', socket, '--http', 'off', '--state-dir', 'off'];
    const bird = member.role === 'node' ? ['--bird-socket', folder] : [];
    const identity = [member.role, '--node', member.name];
    const argv = [...this.#options.program, ...identity, ...options, ...management, ...bird];
    const whole = { ...ownEnvironment(folder), ...env };
    const spawn = (): Program => namespace.start('bengal', { argv, env: whole });
    this.#running.push({ member, namespace, socket, spawn, daemon: spawn(), up: false });
  }
}

/** Nothing of this machine's Calico, if it has one, may reach a member, nor a member leave a trace. */
const ownEnvironment = (folder: string): Readonly<Record<string, string>> => ({
  PATH: process.env['PATH'] ?? '',
  CALICO_ENDPOINT_STATUS_PATH_PREFIX: folder,
  BENGAL_STATE_DIR: folder,
});

const podsOf = ({ blocks }: Member): readonly { pod: string; length: number }[] =>
  blocks.flatMap(({ family, pods }) => pods.map((pod) => ({ pod, length: maxLengthOf(family) })));

/** A workload interface as Calico makes it, with Felix's route; the pod lives at this end of it. */
async function addPod(namespace: Namespace, device: string, pod: string): Promise<void> {
  const end = `pod${device}`;
  await namespace.batch([
    `link add ${device} type veth peer name ${end}`,
    `link set ${device} up`,
    `link set ${end} up`,
    addressCommand(pod, device),
    `route add ${pod} dev ${device} proto 80 scope link metric 1024`,
  ]);
}

async function observationOf(running: Running): Promise<Observation> {
  const { member, namespace, socket } = running;
  try {
    const [peers, routes, fib] = await Promise.all([
      rowsOf(socket, '/api/v1/peers') as Promise<readonly PeerStatus[]>,
      rowsOf(socket, '/api/v1/routes') as Promise<readonly RouteRow[]>,
      kernelRoutes((...args) => namespace.ip(...args)),
    ]);
    const sessions = peers.map(({ name, state, reason }) => [name, { state, reason }] as const);
    const rib = routes.flatMap(usableRoute);
    running.up = true;
    const led = fib.filter(({ nextHop }) => nextHop !== '');
    return { member: member.name, sessions: new Map(sessions), rib, fib: led };
  } catch (error) {
    return blind(member.name, `bengal ${member.role} ${stateOf(running, error)}`);
  }
}

function stateOf({ daemon, up }: Running, error: unknown): string {
  if (daemon.running) return up ? `does not answer: ${error}` : 'is starting';
  const lines = daemon.output().trim().split('\n');
  return `has ended: ${lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1)}`;
}
