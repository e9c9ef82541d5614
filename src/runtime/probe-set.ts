import { type Probe, silentProbe } from './probe.ts';

/** Many probes as one, which may come and go while the rooms run. */
export class ProbeSet implements Probe {
  /** A plain field: it is read for every message. */
  detailed = false;
  watchesKernel = false;
  #probes: readonly Probe[] = [];

  /** Calls `probe` from now on; the returned function ends it. What it does not implement is ignored. */
  add(probe: Partial<Probe>): () => void {
    const watchesKernel = probe.kernelEvent !== undefined;
    const whole: Probe = { ...silentProbe, watchesKernel, ...probe };
    this.#set([...this.#probes, whole]);
    return () => this.#set(this.#probes.filter((each) => each !== whole));
  }

  message(direction: 'in' | 'out', peer: string, bytes: Uint8Array): void {
    for (const probe of this.#probes) probe.message(direction, peer, bytes);
  }

  sessionStep(peer: string, from: string, to: string, reason: string): void {
    for (const probe of this.#probes) probe.sessionStep(peer, from, to, reason);
  }

  resourceChange(key: string, change: 'put' | 'delete'): void {
    for (const probe of this.#probes) probe.resourceChange(key, change);
  }

  kernelEvent(action: string, prefix: string, reason: string): void {
    for (const probe of this.#probes) probe.kernelEvent(action, prefix, reason);
  }

  bestPath(prefix: string, reason: number): void {
    for (const probe of this.#probes) probe.bestPath(prefix, reason);
  }

  #set(probes: readonly Probe[]): void {
    this.#probes = probes;
    this.detailed = probes.some(({ detailed }) => detailed);
    this.watchesKernel = probes.some(({ watchesKernel }) => watchesKernel);
  }
}
