import { ReflectorDerivation, type ReflectorIdentity } from '../confd/derive-reflector.ts';
import type { Resource } from '../datastore/datastore.ts';
import { parseSelector, type Selector } from '../datastore/selector.ts';
import { parseIpv4Number } from '../net/address.ts';
import { BMP_OPTIONS, collectorsOf } from './bmp-options.ts';
import type { Command } from './command.ts';
import { DAEMON_OPTIONS, type DaemonOptions, parseEndpoint, runDaemon } from './daemon.ts';
import {
  DATASTORE_OPTIONS,
  datastoreOf,
  environmentOf,
  type StartAgent,
  startOnDatastore,
} from './datastore-options.ts';
import { type CommandLine, usage } from './options.ts';
import { SAFETY_OPTIONS, safetyOf } from './safety-options.ts';

const BGP_PORT = 179;
const LARGEST_ASN = 4_294_967_295;

/** `bengal reflector`, over the function that starts an agent, which is loaded only when it is wanted. */
export const reflectorCommand = (
  load: () => Promise<StartAgent>,
  openLog?: DaemonOptions['openLog'],
): Command => ({
  syntax: {
    name: 'reflector',
    summary: 'A standalone route reflector without a FIB; its clients come from the datastore.',
    operands: '',
    count: [0, 0],
    options: {
      node: { value: 'NAME', help: "the reflector's own Node resource" },
      asn: { value: 'N', help: 'AS number, without a Node of its own' },
      'router-id': { value: 'ID', help: 'router id, as 10.0.0.1' },
      'cluster-id': { value: 'ID', help: 'cluster id; default the router id' },
      listen: { value: 'ADDR[:PORT]', many: true, help: 'where to listen' },
      clients: { value: 'SELECTOR', help: 'which Nodes are clients; default all' },
      ...DATASTORE_OPTIONS,
      ...SAFETY_OPTIONS,
      ...BMP_OPTIONS,
      ...DAEMON_OPTIONS,
    },
  },
  run: async (line, io) => {
    const identity = identityOf(line);
    const clients = clientsOf(line);
    const open = await datastoreOf(line, io);
    const environment = environmentOf(line, io);
    const derivation = new ReflectorDerivation(identity, clients, environment);
    const agent = {
      command: 'reflector' as const,
      name: 'node' in identity ? identity.node : identity.routerId,
      derive: (resources: Iterable<Resource>) => derivation.derive(resources),
      safety: safetyOf(line, io, io.stateDirectory),
      collectors: collectorsOf(line, io),
    };
    const startAgent = await load();
    const start: DaemonOptions['start'] = (context) =>
      startOnDatastore(startAgent, open(context.clock), agent, context);
    const options = { command: agent.command, name: agent.name, start };
    return runDaemon(openLog === undefined ? options : { ...options, openLog }, line, io);
  },
});

const OWN_IDENTITY = ['asn', 'router-id', 'cluster-id', 'listen'] as const;

function identityOf(line: CommandLine): ReflectorIdentity {
  const node = line.get('node');
  const given = OWN_IDENTITY.find((name) => line.has(name));
  if (node !== undefined && given !== undefined) {
    throw usage(`option --${given} does not go with --node: the Node says it`);
  }
  if (node !== undefined) return { node };
  const routerId = line.get('router-id');
  const listen = line.all('listen').map((text) => parseEndpoint('listen', text, BGP_PORT));
  if (!line.has('asn') || routerId === undefined || listen.length === 0) {
    throw usage('give --node NAME, or --asn N --router-id ID --listen ADDR[:PORT]');
  }
  return {
    asn: asnOf(line.get('asn') ?? ''),
    routerId: idOf('router-id', routerId),
    clusterId: line.has('cluster-id')
      ? idOf('cluster-id', line.get('cluster-id') ?? '')
      : undefined,
    listen,
  };
}

function asnOf(text: string): number {
  const asn = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (asn > 0 && asn <= LARGEST_ASN) return asn;
  throw usage(`option --asn: ${text} is not an AS number from 1 to ${LARGEST_ASN}`);
}

function idOf(option: string, text: string): string {
  const value = parseIpv4Number(text);
  if (value !== undefined && value !== 0) return text;
  throw usage(`option --${option}: ${text} is not an id; write it as 10.0.0.1`);
}

function clientsOf(line: CommandLine): Selector {
  const text = line.get('clients') ?? '';
  const parsed = parseSelector(text);
  if ('selector' in parsed) return parsed.selector;
  throw usage(`option --clients: ${text} ${parsed.fault}`);
}
