import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Namespace, Namespaces, removeLeftovers } from '../src/lab/namespaces.ts';
import type { Host, LogTail, Runner } from './runner.ts';

const LABEL = 'bengal-interop';

export const removeDeadRuns = (): Promise<void> => removeLeftovers(LABEL);

/** Runs every party in a network namespace of this machine; needs root and iproute2. */
export class NamespaceRunner implements Runner {
  readonly #namespaces = new Namespaces(LABEL);

  async lan(names: readonly string[]): Promise<readonly Host[]> {
    const made: { readonly host: Host; readonly namespace: Namespace }[] = [];
    for (const [index, name] of names.entries()) {
      const namespace = await this.#namespaces.create(name);
      made.push({ namespace, host: hostOf(name, namespace, index + 1) });
    }
    const ports = made.map(({ host, namespace }) => ({
      namespace,
      ethernet: host.ethernet,
      addresses: [`${host.ipv4}/24`, `${host.ipv6}/64`],
    }));
    await this.#namespaces.connect(ports);
    return made.map(({ host }) => host);
  }

  close(): Promise<void> {
    return this.#namespaces.remove();
  }
}

function hostOf(name: string, namespace: Namespace, number: number): Host {
  const { folder } = namespace;
  return {
    name,
    folder,
    namespace: `/run/netns/${namespace.name}`,
    ipv4: `10.77.0.${number}`,
    ipv6: `fd77::${number}`,
    linkLocal: `fe80::ff:fe00:${number}`,
    ethernet: `02:00:00:00:00:${String(number).padStart(2, '0')}`,
    write: (file, text) => {
      writeFileSync(path.join(folder, file), text);
      return path.join(folder, file);
    },
    read: (file) => {
      const found = path.join(folder, file);
      return existsSync(found) ? readFileSync(found, 'utf8') : undefined;
    },
    start: (log, argv) => namespace.start(log, { argv }),
    run: (argv) => namespace.run(argv),
    logTails: (lines) => tails(folder, lines),
  };
}

function tails(folder: string, lines: number): readonly LogTail[] {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return logs.map((log) => ({
    log,
    text: readFileSync(path.join(folder, log), 'utf8').split('\n').slice(-lines).join('\n').trim(),
  }));
}
