import type { Host } from './runner.ts';

/**
 * Runs commands of `ip` as one program. It takes the name of a protocol for the last number that it
 * read (iproute2 6.1), so protocols are numbers throughout.
 */
export const ipBatch = (host: Host, name: string, commands: readonly string[]): Promise<string> =>
  host.run(['/sbin/ip', '-batch', host.write(name, `${commands.join('\n')}\n`)]);
