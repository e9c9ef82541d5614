import { Namespaces } from './namespaces.ts';
import { capture } from './shell.ts';

/** Why network namespaces cannot be had here; undefined when they can. Tried, not guessed. */
export async function obstacleToNamespaces(label: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  if (process.getuid?.() !== 0) return 'you are not root';
  const works = await capture(['ip', '-V']).catch(() => undefined);
  if (works === undefined) return 'the command `ip` (iproute2) is not installed';
  const trial = new Namespaces(label);
  try {
    const namespace = await trial.create('trial');
    await trial.connect([{ namespace, addresses: ['192.0.2.1/24'] }]);
    return undefined;
  } catch (error) {
    return `the kernel does not permit it (${(error as Error).message})`;
  } finally {
    await trial.remove();
  }
}
