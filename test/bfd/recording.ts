import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One packet of FRR's as recorded, with its fields as another decoder read them. */
export interface RecordedPacket {
  readonly t_ms: number;
  readonly from: string;
  readonly to: string;
  readonly toPort: number;
  readonly hex: string;
  readonly state: 'AdminDown' | 'Down' | 'Init' | 'Up';
  readonly diagnostic: number;
  readonly flags: string;
  readonly detectMultiplier: number;
  readonly my: string;
  readonly your: string;
  readonly desiredMinTxUs: number;
  readonly requiredMinRxUs: number;
  readonly requiredMinEchoRxUs: number;
}

const FILE = path.resolve(import.meta.dirname, '../../fixtures/bfd/frr-three-sessions.jsonl.gz');

/** All packets of FRR's three sessions, in order. */
export const recordedPackets: readonly RecordedPacket[] = gunzipSync(readFileSync(FILE))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .filter((line) => 'hex' in line);
