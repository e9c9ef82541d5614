import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A path in a directory that goes with the test. */
export function temporaryFile(name: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-kubernetes-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return path.join(directory, name);
}
