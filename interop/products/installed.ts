import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../runner.ts';
import type { Product, Speaker, SpeakerConfig } from '../speaker.ts';
import { Bengal } from './bengal.ts';
import { Bird } from './bird.ts';
import { ExaBgp } from './exabgp.ts';
import { Frr } from './frr.ts';
import { GoBgp } from './gobgp.ts';
import { OpenBgpd } from './openbgpd.ts';

interface Installed {
  /** Debian's package. */
  readonly package: string;
  readonly program: string;
  /** Asks for the version. */
  readonly option: string;
  readonly make: new (host: Host, config: SpeakerConfig) => Speaker;
}

const INSTALLED: Readonly<Record<Product, Installed>> = {
  bengal: { package: 'nodejs', program: process.execPath, option: '--version', make: Bengal },
  bird: { package: 'bird2', program: '/usr/sbin/bird', option: '--version', make: Bird },
  frr: { package: 'frr', program: '/usr/lib/frr/bgpd', option: '--version', make: Frr },
  gobgp: { package: 'gobgpd', program: '/usr/bin/gobgpd', option: '--version', make: GoBgp },
  openbgpd: { package: 'openbgpd', program: '/usr/sbin/bgpd', option: '-V', make: OpenBgpd },
  exabgp: { package: 'exabgp', program: '/usr/sbin/exabgp', option: '--version', make: ExaBgp },
};

export function makeSpeaker(product: Product, host: Host, config: SpeakerConfig): Speaker {
  const { make: Make } = INSTALLED[product];
  return new Make(host, config);
}

/** The package to install where a product is not in `root`; undefined where it is. */
export function missingPackage(product: Product, root: string): string | undefined {
  const { program, package: name } = INSTALLED[product];
  return existsSync(path.join(root, program)) ? undefined : name;
}

/** The version as the product in `root` itself tells it, as `2.0.12`. */
export function versionOf(product: Product, root: string): string {
  const { program, option } = INSTALLED[product];
  // BIRD and OpenBGPD tell it on standard error.
  const ask = ['/bin/sh', '-c', `"$0" ${option} 2>&1`, program];
  const text = execFileSync('chroot', [root, ...ask], { encoding: 'utf8' });
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? 'unknown';
}
