import { networkInterfaces } from 'node:os';
import type { OwnAddress } from '../speaker/own-addresses.ts';

/** This machine's addresses at this moment. */
export function hostAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address }) => ({ interface: name, address })),
  );
}
