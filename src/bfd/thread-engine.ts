import { Worker } from 'node:worker_threads';
import type { StartEngine } from './bfd.ts';

/** An engine in its own thread, on this machine's UDP. An error in it is an error of the process. */
export const startThreadEngine: StartEngine = (report) => {
  const thread = new Worker(new URL('./thread.js', import.meta.url));
  thread.on('message', report);
  return { command: (command) => thread.postMessage(command) };
};
