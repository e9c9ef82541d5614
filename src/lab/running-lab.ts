import type { Resource } from '../datastore/datastore.ts';
import type { EchoReport, Flow } from './echo.ts';
import type { Observation } from './observation.ts';

/** A cluster that runs, in network namespaces or in memory. */
export interface RunningLab {
  /** Puts the members on the network and starts their processes. */
  start(): Promise<void>;
  /** Creates or replaces resources, all in one step. */
  apply(resources: readonly Resource[]): Promise<void>;
  /** Deletes a resource by its key. */
  delete(key: string): Promise<void>;
  /** Ends the process of a member with SIGKILL; its kernel stays as it is. */
  kill(member: string): Promise<void>;
  /** Starts a new process for a member that was killed. */
  replace(member: string): Promise<void>;
  /** How a person may look for himself, in one line. */
  readonly hint: string;
  observe(): Promise<readonly Observation[]>;
  /** Begins to send echoes. */
  startEchoes(flows: readonly Flow[]): void;
  echoes(): readonly EchoReport[];
  /** Ends everything and removes what was made. */
  stop(): Promise<void>;
}
