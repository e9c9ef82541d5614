import type { ObservedRoute } from './observation.ts';

/** A route as `ip -json route` prints it. */
interface IpRoute {
  readonly dst: string;
  readonly protocol: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly nexthops?: readonly IpNextHop[];
}

type IpNextHop = Pick<IpRoute, 'gateway' | 'via'>;

/**
 * The routes of the main tables but for the kernel's own, a row for each next hop; its text is empty
 * where there is no gateway. `ip` runs that command with the arguments given.
 */
export async function kernelRoutes(
  ip: (...args: readonly string[]) => Promise<string>,
): Promise<readonly ObservedRoute[]> {
  const tables = await Promise.all(
    (['-4', '-6'] as const).map(async (version) => {
      const text = await ip('-j', version, 'route', 'show', 'table', 'main');
      const routes = JSON.parse(text || '[]') as readonly IpRoute[];
      const made = routes.filter(({ protocol }) => protocol !== 'kernel');
      return made.flatMap((route) => rowsOf(route, version === '-4' ? 32 : 128));
    }),
  );
  return tables.flat();
}

function rowsOf(route: IpRoute, hostLength: number): readonly ObservedRoute[] {
  const prefix = prefixOf(route.dst, hostLength);
  return (route.nexthops ?? [route]).map(({ gateway, via }) => ({
    prefix,
    nextHop: gateway ?? via?.host ?? '',
  }));
}

function prefixOf(destination: string, hostLength: number): string {
  if (destination === 'default') return hostLength === 32 ? '0.0.0.0/0' : '::/0';
  return destination.includes('/') ? destination : `${destination}/${hostLength}`;
}
