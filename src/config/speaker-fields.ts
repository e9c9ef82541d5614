import { parsePrefix } from '../net/prefix.ts';
import { type FieldChange, HOT, IDENTITY, REFRESH_BOTH, RESET } from './change.ts';
import { type Fields, objectOf } from './fields.ts';
import {
  ADDRESS,
  ASN,
  HOST_NAME,
  NAME,
  NEGATABLE_GLOB,
  PORT,
  PREFIX,
  QUAD,
  U32,
} from './formats.ts';
import { BOOLEAN, choice, integer, type Kind, listOf, namedOf, orBoolean } from './kind.ts';
import { DYNAMIC_PEER, PEER } from './peer-fields.ts';
import type { Place } from './place.ts';
import { RULE } from './rule-fields.ts';
import { checkSpeaker } from './speaker-checks.ts';
import type {
  BmpConfig,
  KernelConfig,
  ListenConfig,
  NetworkConfig,
  SpeakerConfig,
} from './types.ts';

const LISTEN_FIELDS: Fields<ListenConfig> = {
  address: {
    kind: ADDRESS,
    about: 'Own address; 0.0.0.0 or :: for all.',
    change: HOT,
    absent: 'required',
  },
  port: { kind: PORT, about: 'TCP port.', change: HOT, absent: () => 179 },
};

type Learn = Exclude<KernelConfig['learn'], false>;
type Program = Exclude<KernelConfig['program'], false>;

const LEARN_FIELDS: Fields<Learn> = {
  interfaces: {
    kind: listOf(NEGATABLE_GLOB),
    about: 'Globs for connected prefixes; the first match decides.',
    change: HOT,
    absent: () => ['*'],
  },
};

const PROGRAM_FIELDS: Fields<Program> = {
  policy: {
    kind: listOf(NAME),
    about: 'Policies in order; no match accepts.',
    change: HOT,
    absent: () => [],
  },
};

const PREFERENCES: KernelConfig['preference'] = { direct: 240, static: 200, bgp: 100, kernel: 240 };

const preference = (source: keyof KernelConfig['preference']) =>
  ({
    kind: U32,
    about: 'The source with the highest preference wins.',
    change: REFRESH_BOTH,
    absent: () => PREFERENCES[source],
  }) as const;

const PREFERENCE_FIELDS: Fields<KernelConfig['preference']> = {
  direct: preference('direct'),
  static: preference('static'),
  bgp: preference('bgp'),
  kernel: preference('kernel'),
};

const KERNEL_FIELDS: Fields<KernelConfig> = {
  learn: {
    kind: orBoolean<KernelConfig['learn']>(
      objectOf(LEARN_FIELDS),
      () => ({ interfaces: ['*'] }),
      false,
    ),
    about: 'Learn routes of the FIB.',
    change: HOT,
    absent: () => ({ interfaces: ['*'] }),
  },
  program: {
    kind: orBoolean<KernelConfig['program']>(
      objectOf(PROGRAM_FIELDS),
      () => ({ policy: [] }),
      false,
    ),
    about: 'Put best routes into the FIB.',
    change: HOT,
    absent: () => ({ policy: [] }),
  },
  table: {
    kind: integer(1, 0xffffffff),
    about: 'Routing table.',
    change: HOT,
    absent: () => 254,
  },
  protocol: {
    kind: integer(1, 255),
    about: 'rtm_protocol of own routes.',
    change: HOT,
    absent: () => 12,
  },
  metric: {
    kind: U32,
    about: 'Metric of programmed routes to which no rule gave one.',
    change: HOT,
    absent: () => 1024,
  },
  preference: {
    kind: objectOf(PREFERENCE_FIELDS),
    about: 'Preference between sources.',
    change: REFRESH_BOTH,
    absent: () => PREFERENCES,
  },
};

const NETWORK_FIELDS: Fields<NetworkConfig> = {
  prefix: { kind: PREFIX, about: 'The route.', change: IDENTITY, absent: 'required' },
  via: {
    kind: ADDRESS,
    about: 'Gateway of a static route.',
    change: REFRESH_BOTH,
    absent: () => undefined,
  },
  kernel: {
    kind: choice('blackhole', 'none'),
    about: 'blackhole: put a blackhole route into the FIB.',
    change: HOT,
    absent: () => 'none',
  },
  announce: {
    kind: BOOLEAN,
    about: 'false: never sent to peers.',
    change: REFRESH_BOTH,
    absent: () => true,
  },
};

function checkNetwork({ prefix, via, kernel }: NetworkConfig, place: Place): void {
  if (via === undefined) return;
  if (kernel === 'blackhole')
    place.at('kernel').report('a static route is no blackhole', 'Remove via or kernel');
  if (parsePrefix(prefix)?.address.length !== parsePrefix(via)?.address.length)
    place
      .at('via')
      .report(`${via} and ${prefix} are of two families`, 'Give a gateway of the same family');
}

export const BMP_TABLES: readonly BmpConfig['rib'][number][] = [
  'pre-policy',
  'post-policy',
  'loc-rib',
  'adj-rib-out-pre',
  'adj-rib-out-post',
];

const BMP_FIELDS: Fields<BmpConfig> = {
  address: {
    kind: ADDRESS,
    about: 'Address of the collector.',
    change: HOT,
    absent: 'required',
  },
  port: { kind: PORT, about: 'TCP port of the collector.', change: HOT, absent: 'required' },
  rib: {
    kind: listOf(choice(...BMP_TABLES)),
    about:
      'Tables that the collector is told of: Adj-RIB-In before and after policy, Loc-RIB, Adj-RIB-Out before and after policy.',
    change: HOT,
    absent: () => ['pre-policy', 'loc-rib'],
  },
  statsInterval: {
    kind: integer(0, 86_400),
    about: 'Seconds between Stats Reports; 0: none.',
    change: HOT,
    absent: () => 60,
  },
};

const KERNEL: Kind<KernelConfig> = objectOf(KERNEL_FIELDS);

const kernelByDefault = (place: Place): KernelConfig | undefined => KERNEL.read({}, place);

const listField = <T>(kind: Kind<T>, about: string, change: FieldChange = HOT) => ({
  kind: listOf(kind),
  about,
  change,
  absent: (): readonly T[] => [],
});

/** The whole configuration: validation, defaults, schema, print order and cost of change. */
export const SPEAKER_FIELDS: Fields<SpeakerConfig> = {
  asn: { kind: ASN, about: 'Own AS number.', change: RESET, absent: 'required' },
  routerId: {
    kind: QUAD,
    about: 'BGP identifier, dotted quad.',
    change: RESET,
    absent: 'required',
  },
  clusterId: {
    kind: QUAD,
    about: 'Makes the speaker a route reflector, RFC 4456.',
    change: RESET,
    absent: () => undefined,
  },
  listen: listField(objectOf(LISTEN_FIELDS), 'Listening sockets; absent: none.'),
  kernel: {
    kind: orBoolean<SpeakerConfig['kernel']>(KERNEL, kernelByDefault, undefined),
    about: 'The FIB; absent: none, and every next hop counts as reachable.',
    change: REFRESH_BOTH,
    absent: () => undefined,
  },
  networks: listField(objectOf(NETWORK_FIELDS, checkNetwork), 'Routes originated here.'),
  policies: {
    kind: namedOf(listOf(RULE)),
    about: 'Named rules; the first terminal action ends.',
    change: REFRESH_BOTH,
    absent: () => ({}),
  },
  peers: listField(PEER, 'Configured peers.'),
  dynamicPeers: listField(DYNAMIC_PEER, 'Peers known by an address range.'),
  bmp: listField(objectOf(BMP_FIELDS), 'BMP collectors, RFC 7854.'),
  hostName: {
    kind: HOST_NAME,
    about: 'Host name told in the OPEN; absent: none.',
    change: HOT,
    absent: () => undefined,
  },
  softwareVersion: {
    kind: BOOLEAN,
    about: 'Tell peers the name and version of this software.',
    change: HOT,
    absent: () => false,
  },
};

export const SPEAKER: Kind<SpeakerConfig> = objectOf(SPEAKER_FIELDS, checkSpeaker);
