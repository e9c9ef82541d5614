import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  manyCommunities,
  type NeighborConfig,
  networkOf,
  networksOf,
  type SpeakerConfig,
  sessionName,
} from '../speaker.ts';

/** The written form of a speaker's configuration; JSON is YAML. */
export function bengalConfig(config: SpeakerConfig, host: Host): object {
  if (config.confederation !== undefined) throw new Lacks('no confederation (RFC 5065)');
  const { asn, routerId = host.ipv4, clusterId, hostName, kernel, neighbors } = config;
  return {
    asn,
    routerId,
    ...(hostName === undefined ? {} : { hostName }),
    softwareVersion: config.softwareVersion ?? false,
    ...(clusterId === undefined ? {} : { clusterId }),
    listen: [...new Set(neighbors.map((at) => listenAddress(at, host)))].map((address) => ({
      address,
      port: 179,
    })),
    ...(kernel ? { kernel: { learn: true, program: true } } : {}),
    ...(config.collector === undefined ? {} : { bmp: [bmp(config.collector)] }),
    networks: networksOf(config).map((prefix) => ({ prefix, kernel: 'none' })),
    policies: Object.fromEntries(
      neighbors.flatMap((neighbor) => {
        const rules = exportRules(config, neighbor);
        return rules.length === 0 ? [] : [[policyName(neighbor), rules]];
      }),
    ),
    peers: neighbors
      .filter(({ dynamic }) => !dynamic)
      .map((neighbor) => ({ ...named(neighbor), ...session(config, neighbor, host) })),
    dynamicPeers: neighbors
      .filter(({ dynamic }) => dynamic)
      .map((neighbor) => ({ range: networkOf(neighbor), ...session(config, neighbor, host) })),
  };
}

const bmp = ({ ipv4 }: Host): object => ({
  address: ipv4,
  port: 1790,
  rib: ['pre-policy', 'post-policy', 'loc-rib', 'adj-rib-out-pre', 'adj-rib-out-post'],
});

/** A link-local address cannot be bound without its zone. */
const listenAddress = ({ transport }: NeighborConfig, host: Host): string =>
  transport === 'linkLocal' ? '::' : host[transport];

const policyName = (neighbor: NeighborConfig): string => `${sessionName(neighbor)}_export`;

/** What the neighbour gets otherwise than it is; none: nothing. */
function exportRules(
  { announcements = [] }: SpeakerConfig,
  neighbor: NeighborConfig,
): readonly object[] {
  const { prepend, communities, removeCommunities } = neighbor;
  const rules: object[] = announcements.map((each) => ({
    match: { prefix: [{ equal: each.prefix }] },
    set: changesOf(each),
    // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
    then: 'accept',
  }));
  const set = {
    ...(removeCommunities === undefined ? {} : { removeCommunity: removeCommunities }),
    ...(prepend === undefined ? {} : { prependAsPath: [prepend] }),
    ...(communities === undefined ? {} : { addCommunity: manyCommunities(communities) }),
  };
  if (Object.keys(set).length === 0) return rules;
  // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
  return [...rules, { set, then: 'accept' }];
}

function changesOf(announcement: Announcement): object {
  const { path, med, localPref, communities = [], largeCommunities = [] } = announcement;
  if (announcement.asSet !== undefined) throw new Lacks('no AS_SET is ever made (RFC 9774)');
  if (announcement.routeTarget !== undefined || announcement.linkBandwidth !== undefined)
    throw new Lacks('no extended communities in its policies');
  return {
    ...(localPref === undefined ? {} : { localPref }),
    ...(med === undefined ? {} : { med }),
    addCommunity: [...communities, ...largeCommunities],
    ...(path === undefined ? {} : { prependAsPath: path }),
  };
}

const named = (neighbor: NeighborConfig): object => ({
  name: sessionName(neighbor),
  address: addressOf(neighbor),
  passive: neighbor.passive ?? false,
});

function session(config: SpeakerConfig, neighbor: NeighborConfig, host: Host): object {
  const external = neighbor.asn !== (neighbor.localAsn ?? config.asn);
  const policies = {
    ...(external ? { importPolicy: 'accept', exportPolicy: 'accept', exportEnd: 'accept' } : {}),
    ...(exportRules(config, neighbor).length > 0 ? { exportPolicy: [policyName(neighbor)] } : {}),
  };
  const restartTime = neighbor.gracefulRestart;
  return {
    localAddress: host[neighbor.transport],
    ...(neighbor.transport === 'linkLocal' ? { interface: 'eth0' } : {}),
    extendedNextHop: neighbor.extendedNextHop ?? false,
    ...(neighbor.role === undefined ? {} : { role: neighbor.role }),
    asn: neighbor.asn,
    ...(neighbor.localAsn === undefined ? {} : { localAsn: neighbor.localAsn }),
    ...(neighbor.allowOwnAs === undefined ? {} : { allowOwnAs: neighbor.allowOwnAs }),
    ...(neighbor.asSet === undefined ? {} : { asSet: neighbor.asSet }),
    reflectorClient: neighbor.reflectorClient ?? false,
    routeServerClient: neighbor.routeServer === 'client',
    families: neighbor.families,
    holdTime: neighbor.holdTime ?? 90,
    ...(neighbor.sendHoldTime === undefined
      ? {}
      : { sendHoldTime: neighbor.sendHoldTime, keepaliveTime: 1 }),
    connectRetryTime: 1,
    errorWait: { min: 1, max: 2 },
    ...(neighbor.addPath ? { addPath: { send: true, receive: true } } : {}),
    gracefulRestart: restartTime === undefined ? false : { restartTime },
    ...(neighbor.prefixLimit === undefined
      ? {}
      : { prefixLimit: { max: neighbor.prefixLimit, action: 'block' } }),
    ...(neighbor.longLived === undefined
      ? {}
      : { longLivedGracefulRestart: { staleTime: neighbor.longLived } }),
    ...(neighbor.longLivedPartialDeployment ? { longLivedPartialDeployment: true } : {}),
    ...bfd(neighbor),
    ...(neighbor.password === undefined ? {} : { password: passwordFile(neighbor, host) }),
    ...(neighbor.ttlSecurity === undefined ? {} : { ttlSecurity: neighbor.ttlSecurity }),
    ...(neighbor.policy === 'none' ? {} : policies),
  };
}

function bfd({ bfd: kind }: NeighborConfig): object {
  if (kind === undefined) return {};
  const intervals = { minTx: 100, minRx: 100, multiplier: 3 };
  return kind === 'multihop'
    ? { multihop: 5, bfd: intervals }
    : { bfd: { ...intervals, multihop: false } };
}

function passwordFile(neighbor: NeighborConfig, host: Host): object {
  return { file: host.write(`${sessionName(neighbor)}.password`, `${neighbor.password}\n`) };
}
