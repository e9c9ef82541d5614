import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../../fixtures/wire/errors');

/** A malformed message, and the session that it is for. */
export interface Case {
  readonly id: string;
  readonly hex: string;
  readonly phase: 'OpenSent' | 'OpenConfirm' | 'Established';
  readonly context: { readonly localAs: number; readonly peerAs: number };
}

interface Fixture extends Omit<Case, 'phase'> {
  readonly phase?: Case['phase'];
  readonly context: Case['context'] & Readonly<Record<string, unknown>>;
}

/** Every case but those that name identifiers and addresses of the speaker, of which there are two here. */
export const malformedCases = (): readonly Case[] =>
  ['rfc7606.json', 'rfc-authored.json'].flatMap((file) => {
    const text = readFileSync(path.join(FOLDER, file), 'utf8');
    const { cases } = JSON.parse(text) as { readonly cases: readonly Fixture[] };
    return cases
      .filter(({ context }) =>
        ['localBgpId', 'clusterId', 'localAddress'].every((key) => context[key] === undefined),
      )
      .map((one): Case => ({ ...one, phase: one.phase ?? 'Established' }));
  });
