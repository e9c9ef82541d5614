import type { Witness } from '../speaker.ts';
import type { MeshWorld } from './world.ts';

/** What speaks BGP for a node of a Calico cluster. */
export interface MeshSpeaker extends Witness {
  /** Starts it, with what the datastore says now, and waits until it answers. */
  start(world: MeshWorld): Promise<void>;
  /** Ends it with a signal and waits until it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
  /** What it says of the capabilities of each session's other end, in its own words. */
  capabilities(): Promise<ReadonlyMap<string, string>>;
}
