import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { HostInterface } from '../server/bird/show.ts';

const LINKS = '/sys/class/net';
/** Flags of a link, `IFF_UP` and `IFF_LOOPBACK`. */
const UP = 0x1;
const LOOPBACK = 0x8;

/** This machine's links; without sysfs, those that have an address. */
export function hostInterfaces(): readonly HostInterface[] {
  const addresses = networkInterfaces();
  const names = new Set([...linkNames(), ...Object.keys(addresses)]);
  return [...names]
    .map((name): HostInterface => {
      const own = addresses[name] ?? [];
      const flags = numberAt(name, 'flags') ?? UP;
      return {
        name,
        index: numberAt(name, 'ifindex') ?? 0,
        mtu: numberAt(name, 'mtu') ?? 0,
        up: (flags & UP) !== 0,
        loopback: (flags & LOOPBACK) !== 0,
        addresses: own.map(({ address, cidr }) => cidr ?? address),
      };
    })
    .sort((a, b) => a.index - b.index);
}

function linkNames(): readonly string[] {
  try {
    return readdirSync(LINKS);
  } catch {
    return [];
  }
}

function numberAt(link: string, file: string): number | undefined {
  try {
    return Number(readFileSync(`${LINKS}/${link}/${file}`, 'utf8'));
  } catch {
    return undefined;
  }
}
