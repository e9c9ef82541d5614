import type { Namespace } from './namespaces.ts';
import type { ObservedRoute } from './observation.ts';

/** A route as `ip -json route` prints it. */
interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly nexthops?: readonly IpNextHop[];
}

type IpNextHop = Pick<IpRoute, 'gateway' | 'via'>;

/** Every route of a namespace's main tables that has a gateway. */
export async function kernelRoutes(namespace: Namespace): Promise<readonly ObservedRoute[]> {
  const tables = await Promise.all(
    (['-4', '-6'] as const).map(async (version) => {
      const text = await namespace.ip('-j', version, 'route', 'show', 'table', 'main');
      const routes = JSON.parse(text || '[]') as readonly IpRoute[];
      return routes.flatMap((route) => routesOf(route, version === '-4' ? 32 : 128));
    }),
  );
  return tables.flat();
}

function routesOf(route: IpRoute, hostLength: number): readonly ObservedRoute[] {
  const prefix = route.dst.includes('/') ? route.dst : `${route.dst}/${hostLength}`;
  return [route, ...(route.nexthops ?? [])].flatMap(({ gateway, via }) => {
    const nextHop = gateway ?? via?.host;
    return nextHop === undefined ? [] : [{ prefix, nextHop }];
  });
}
