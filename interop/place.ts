import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostInside } from './inside.ts';
import { NamespaceRunner } from './namespace-runner.ts';
import { imageOf, PodmanRunner } from './podman-runner.ts';
import type { Host, Runner } from './runner.ts';
import type { Product } from './speaker.ts';

/** Where the parties of all scenarios run, and where their programs come from. */
export interface Place {
  /** It is this machine with its own programs: every scenario can run here. */
  readonly plain: boolean;
  /** The root directory of a product's programs. */
  rootOf(product: Product): string;
  runner(): Runner;
  /** `host` as a product's programs see it. */
  hostOf(product: Product, host: Host): Host;
}

/** Everybody but bengal comes out of `root`. */
const rootsOf =
  (root: string): Place['rootOf'] =>
  (product) =>
    product === 'bengal' ? '/' : root;

function namespaces(root: string): Place {
  const rootOf = rootsOf(root);
  return {
    plain: root === '/',
    rootOf,
    runner: () => new NamespaceRunner(),
    hostOf: (product, host) => (rootOf(product) === '/' ? host : hostInside(root, host)),
  };
}

/** Containers of an image made from `root`. */
function podman(root: string): Place {
  const image = imageOf(root);
  return {
    plain: false,
    rootOf: rootsOf(root),
    runner: () => new PodmanRunner(image),
    hostOf: (_, host) => host,
  };
}

/** The place that the options of the command line name. */
export function placeOf(runtime: string, root: string | undefined): Place {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root');
  if (root !== undefined && !existsSync(path.join(root, 'bin/sh')))
    throw new Error(
      `--root ${root}: no root directory, make one by debootstrap (interop/README.md)`,
    );
  const directory = path.resolve(root ?? '/');
  switch (runtime) {
    case 'namespaces':
      return namespaces(directory);
    case 'podman':
      if (root === undefined) throw new Error('--runtime podman makes its image from --root DIR');
      needPodman();
      return podman(directory);
    default:
      throw new Error(`--runtime ${runtime}: neither namespaces nor podman`);
  }
}

function needPodman(): void {
  try {
    execFileSync('podman', ['info'], { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const said = (error as { readonly stderr?: string }).stderr ?? 'apt-get install podman crun';
    throw new Error(`--runtime podman: podman does not work here: ${said.trim()}`);
  }
}
