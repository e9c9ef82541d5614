import type { Family } from '../src/net/family.ts';
import type { Host, Program } from './runner.ts';

/** A route of a host's FIB, as `ip route` prints it. */
export interface FibRoute {
  readonly prefix: string;
  readonly gateway: string | undefined;
  readonly protocol: string;
}

/** The host's main table, without what the kernel made itself. */
export async function fib(host: Host, family: Family): Promise<readonly FibRoute[]> {
  const version = family === 'ipv4-unicast' ? '-4' : '-6';
  const text = await host.run(['ip', '-j', version, 'route', 'show', 'table', 'main']);
  const rows = JSON.parse(text || '[]') as readonly IpRoute[];
  const foreign = rows.filter(({ protocol }) => protocol !== 'kernel');
  return foreign.map(({ dst, gateway, via, protocol }) => ({
    prefix: dst.includes('/') ? dst : `${dst}/${family === 'ipv4-unicast' ? 32 : 128}`,
    gateway: gateway ?? via?.host,
    protocol,
  }));
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly protocol: string;
}

/** Writes down what happens to a host's FIB from now on. */
export class FibWatch {
  readonly #program: Program;

  constructor(host: Host, log: string) {
    this.#program = host.start(log, ['ip', '-o', 'monitor', 'route']);
  }

  /** Which of `prefixes` were taken out of the FIB, if only for a moment. */
  removed(prefixes: Iterable<string>): readonly string[] {
    const gone = this.#program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('Deleted '));
    return [...prefixes].filter((prefix) => gone.some((line) => line.includes(` ${prefix} `)));
  }
}
