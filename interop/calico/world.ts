import type { CalicoCase } from '../../test/confd/calico-cases.ts';
import type { Host } from '../runner.ts';
import { type Facts, fibFacts, peerFacts } from './facts.ts';
import { change, setUp } from './network.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { scriptsOf } from './sessions.ts';
import { type TableRow, tableFacts } from './table-row.ts';

/** A speaker under comparison. */
export interface Subject {
  readonly product: string;
  /** Starts it and waits until it answers. */
  start(): Promise<void>;
  /** The paths that it has accepted. */
  table(): Promise<readonly TableRow[]>;
}

/** One of two equal surroundings, each with a speaker of its own and the same peers. */
export interface World {
  readonly subject: Subject;
  readonly peers: readonly ScriptedPeer[];
  facts(): Promise<Facts>;
  /** Kernel and peers take things back and tell of others. */
  change(): Promise<void>;
}

/** Builds the surroundings of a case from two hosts, the node's and its peers'. */
export async function worldOf(
  [host, there]: readonly [Host, Host],
  found: CalicoCase,
  subject: Subject,
): Promise<World> {
  const scripts = scriptsOf(found);
  await setUp(host, there, found, scripts);
  const peers = scripts.map((script) => new ScriptedPeer(script, there.namespace));
  for (const peer of peers) peer.listen();
  return {
    subject,
    peers,
    facts: async () =>
      new Map([
        ...peerFacts(peers),
        ...tableFacts(await subject.table()),
        ...(await fibFacts(host)),
      ]),
    change: async () => {
      for (const peer of peers) peer.change();
      await change(host, found);
    },
  };
}
