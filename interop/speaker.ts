import type { Family } from '../src/net/family.ts';
import type { Host } from './runner.ts';

export const PRODUCTS = ['bengal', 'bird', 'frr', 'gobgp', 'openbgpd', 'exabgp'] as const;

export type Product = (typeof PRODUCTS)[number];

/** What a party of a scenario shall do, in words that every product understands. */
export interface SpeakerConfig {
  readonly asn: number;
  /** The host's IPv4 address when absent. */
  readonly routerId?: string;
  /** RFC 5065: `asn` is a member of it. */
  readonly confederation?: Confederation;
  /** Makes it a route reflector. */
  readonly clusterId?: string;
  readonly networks?: readonly string[];
  /** More networks, each with attributes of its own. */
  readonly announcements?: readonly Announcement[];
  /** Told to neighbours in the OPEN (capability 73). */
  readonly hostName?: string;
  /** Its name and version are told in the OPEN (capability 75). */
  readonly softwareVersion?: boolean;
  /** Learns routes from the kernel and programs its own; without it the FIB is left alone. */
  readonly kernel?: boolean;
  /** Of bengal: where a BMP collector is told of every table (RFC 7854). */
  readonly collector?: Host;
  /** Routes with GRACEFUL_SHUTDOWN are the last choice (RFC 8326). FRR needs no telling. */
  readonly gracefulShutdown?: boolean;
  readonly neighbors: readonly NeighborConfig[];
}

export interface Confederation {
  /** Its AS number as the world knows it. */
  readonly identifier: number;
  /** The other members. */
  readonly members: readonly number[];
}

/** A network as its neighbours get it; what is absent is as the product has it. */
export interface Announcement {
  readonly prefix: string;
  /** Behind its own AS number. */
  readonly path?: readonly number[];
  /** AS_SET at the end of the path. */
  readonly asSet?: readonly number[];
  readonly med?: number;
  readonly localPref?: number;
  /** As `64512:1`, well-known ones too. */
  readonly communities?: readonly string[];
  /** As `64512:1:2`. */
  readonly largeCommunities?: readonly string[];
  /** Route target, as `64512:1`. */
  readonly routeTarget?: string;
  /** Link Bandwidth in octets per second. */
  readonly linkBandwidth?: number;
}

export interface NeighborConfig {
  readonly host: Host;
  readonly asn: number;
  /** RFC 7705: the own AS number that only this neighbour sees. */
  readonly localAsn?: number;
  /** How often the own AS number may stand in what the neighbour sends. */
  readonly allowOwnAs?: number;
  /** RFC 8212: no policy stands for "nothing", either way. */
  readonly policy?: 'none';
  /** Of bengal: patterns of communities that this neighbour does not get. */
  readonly removeCommunities?: readonly string[];
  /** RFC 9774, against the subject's default. */
  readonly asSet?: 'accept';
  /** The addresses that the TCP session uses. */
  readonly transport: 'ipv4' | 'ipv6' | 'linkLocal';
  /** RFC 9234: what the speaker is to this neighbour. */
  readonly role?: 'provider' | 'customer' | 'peer';
  /** Communities put on what is announced, so many that only an extended message holds them. */
  readonly communities?: number;
  /** RFC 8950. */
  readonly extendedNextHop?: boolean;
  readonly families: readonly Family[];
  readonly passive?: boolean;
  /** Known only by the network that `host` is in; whoever dials from there is accepted. */
  readonly dynamic?: boolean;
  readonly reflectorClient?: boolean;
  /** RFC 7947: what the neighbour is. */
  readonly routeServer?: 'server' | 'client';
  /** In seconds; 90 when absent. */
  readonly holdTime?: number;
  /** RFC 9687, in seconds, with a keepalive every second; bengal's words only. */
  readonly sendHoldTime?: number;
  /** The OPEN is so long that its optional parameters need the form of RFC 9072. */
  readonly longOpen?: boolean;
  /** Restart time in seconds; graceful restart is off when absent. */
  readonly gracefulRestart?: number;
  /** Most prefixes that the subject takes; those beyond are refused. */
  readonly prefixLimit?: number;
  /** Long-lived stale time in seconds (RFC 9494). */
  readonly longLived?: number;
  /** Of the subject: stale routes go to this peer, which does not know them (RFC 9494 §4.6). */
  readonly longLivedPartialDeployment?: boolean;
  /** N bit (RFC 8538); bengal sends it unless told otherwise. */
  readonly notificationRestart?: boolean;
  readonly addPath?: boolean;
  /** RFC 5880, every 100 ms in threes, over one hop or several; BGP takes as many. */
  readonly bfd?: 'single-hop' | 'multihop';
  /** It ends sessions with words (RFC 9003); whoever understands them, has them on. */
  readonly shutdownText?: boolean;
  /** RFC 7313; whoever has it, has it on. */
  readonly enhancedRefresh?: boolean;
  /** TCP-MD5 (RFC 2385). */
  readonly password?: string;
  /** RFC 5082: hops at most. */
  readonly ttlSecurity?: number;
  /** Put in front of the AS_PATH of what is announced, behind its own AS number. */
  readonly prepend?: number;
  /** The peer must not see the 4-octet AS capability (RFC 6793). bengal always sends it. */
  readonly twoOctetAs?: boolean;
}

export interface Session {
  /** Name of the host at the other end. */
  readonly neighbor: string;
  readonly state: string;
  readonly established: boolean;
  /** How often it went down; absent where the product does not tell. */
  readonly drops?: number;
}

/** A path learned by BGP, as the product's own show command prints it. */
export interface Route {
  readonly prefix: string;
  readonly nextHop: string;
  /** AS numbers separated by blanks. */
  readonly asPath: string;
  readonly best: boolean;
  readonly localPref?: number;
  readonly med?: number;
  /** In the form of an `Announcement`, in any order; absent where there are none. */
  readonly communities?: readonly string[];
  readonly largeCommunities?: readonly string[];
  readonly routeTarget?: string;
  readonly linkBandwidth?: number;
  readonly originatorId?: string;
  readonly clusterList?: readonly string[];
  /** Name of the session that it came by, or address of the neighbour, as the product tells it. */
  readonly from?: string;
  /** Attributes beside those above, as `MED 5` or `22 00060000`, as far as the product tells them. */
  readonly attributes?: readonly string[];
}

/** The lists of communities that are not empty. */
export const communitiesOf = (
  communities: readonly string[] = [],
  largeCommunities: readonly string[] = [],
): Pick<Route, 'communities' | 'largeCommunities'> => ({
  ...(communities.length > 0 && { communities }),
  ...(largeCommunities.length > 0 && { largeCommunities }),
});

/** What can be asked of a running BGP implementation, as its own users ask. */
export interface Witness {
  readonly product: Product;
  readonly host: Host;
  sessions(): Promise<readonly Session[]>;
  routes(family: Family): Promise<readonly Route[]>;
}

/** A BGP implementation that runs what a scenario says, in the way of its own users. */
export interface Speaker extends Witness {
  /** Writes the configuration, starts the daemon and waits until it answers. */
  start(options?: StartOptions): Promise<void>;
  /**
   * Changes what runs to `config`, in the way that the product's users do. With FRR only lines of
   * `router bgp` itself change, and what `config` no longer says stays in force.
   */
  reconfigure(config: SpeakerConfig): Promise<void>;
  /**
   * Ends the session to `neighbor` with an Administrative Reset and begins it anew; `text` is told
   * as the reason (RFC 9003), with an Administrative Shutdown where the product has no other way.
   */
  reset(neighbor: NeighborConfig, text?: string): Promise<void>;
  /** Everything that it tells its users of the session to `neighbor`, in its own words. */
  shown(neighbor: NeighborConfig): Promise<string>;
  /** Asks `neighbor` for its routes once more, or sends it its own (RFC 2918). */
  refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void>;
  /** ROUTE-REFRESH messages of a session; undefined where the product does not tell. */
  refreshes(neighbor: NeighborConfig): Promise<Refreshes | undefined>;
  /** The polite way out, where the product has one: for `wait` seconds peers may look for others. */
  drain?(wait: number, text?: string): Promise<void>;
  /** Takes that back before its sessions end; whoever waits for the end fails. */
  cancelDrain?(): Promise<void>;
  /** Whether BFD with `neighbor` is up, as the product says. */
  bfdUp(neighbor: NeighborConfig): Promise<boolean>;
  /** SIGSTOP, BFD included: it falls silent while its kernel goes on acknowledging. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface Refreshes {
  readonly sent: number;
  readonly received: number;
}

export interface StartOptions {
  /** Replaces the configuration given at first. */
  readonly config?: SpeakerConfig;
  /** It was there before, and shall claim a graceful restart. */
  readonly restart?: boolean;
}

export const addressOf = ({ host, transport }: NeighborConfig): string => host[transport];
export const sessionName = ({ host, transport }: NeighborConfig): string =>
  `${host.name}_${transport}`;
export const networksOf = ({
  networks = [],
  announcements = [],
}: SpeakerConfig): readonly string[] => [...networks, ...announcements.map(({ prefix }) => prefix)];
/** The network that a neighbour's address is in. */
export const networkOf = (neighbor: NeighborConfig): string =>
  isIpv6(addressOf(neighbor))
    ? addressOf(neighbor).replace(/::\w+$/, '::/64')
    : addressOf(neighbor).replace(/\.\d+$/, '.0/24');
export const isIpv6 = (prefix: string): boolean => prefix.includes(':');

/** `count` different communities. */
export const manyCommunities = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `64999:${index + 1}`);
