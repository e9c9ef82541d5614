import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Lacks, Missing } from '../../eventually.ts';
import { ipBatch } from '../../ip-batch.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig, SpeakerConfig } from '../../speaker.ts';
import { type Case, malformedCases, OWN_ASN, OWN_IDENTIFIER } from './cases.ts';
import { type Compared, complaintOf, complaints, explanationsFor } from './explained.ts';
import { outcome, type Seen } from './outcome.ts';
import { type Called, showAll } from './show.ts';

/**
 * Every case is a neighbour of its own, at an address of its own, of both the subject and the peer:
 * all of them send their bytes at once. The subject and the peer must do the same to the session and
 * to every route, unless the difference is explained, and every explanation must be of use.
 */
async function run(bench: Bench): Promise<void> {
  const [here, there, prober] = trio(bench);
  const called = malformedCases().map((one, index) => call(one, index, prober));
  const own = called.map(({ host }) => `${host.ipv4}/24`);
  await addAddresses(prober, own);
  for (const host of [here, there]) await addAddresses(host, ON_LINK);
  const config: SpeakerConfig = {
    asn: OWN_ASN,
    routerId: OWN_IDENTIFIER,
    clusterId: OWN_IDENTIFIER,
    neighbors: called.map(neighborFor),
  };
  const peer = bench.peer(there, config);
  const speakers = [bench.subject(here, config), peer];
  for (const speaker of speakers) await speaker.start();
  const compareAll = async (some: readonly Called[]): Promise<readonly Compared[]> => {
    const [ours = [], theirs = []] = await Promise.all(
      speakers.map((speaker) =>
        showAll(speaker, some, prober).catch((error: unknown): never => {
          const panic = panicOf(speaker.host);
          if (speaker !== peer || panic === undefined) throw error;
          throw new Lacks(`one of the messages ends it: ${panic}`);
        }),
      ),
    );
    return some.flatMap((each, at) => comparedOf(each, ours[at], theirs[at]));
  };
  const explanations = explanationsFor(peer.product);
  const first = await compareAll(called);
  // A NOTIFICATION is lost where a reset overtakes it: what was only seen to be closed is sent again.
  const cut = first.filter((one) => isClosed(one) && complaintOf(explanations, one) !== undefined);
  const again = await compareAll(called.filter(({ one }) => cut.some(({ id }) => id === one.id)));
  const compared = first.map((one) => again.find(({ id }) => id === one.id) ?? one);
  const wrong = complaints(explanations, compared);
  if (wrong.length > 0) throw new Missing(wrong.join('\n'));
  const differences = compared.filter((one) => one.ours !== one.theirs).length;
  bench.remark(`${called.length} messages, ${differences} explained differences`);
}

function comparedOf(
  { one, index }: Called,
  ours: Seen | undefined,
  theirs: Seen | undefined,
): readonly Compared[] {
  if (ours === undefined || theirs === undefined) return [];
  const words = (seen: Seen, beside: Seen): string => outcome(one, index, seen, beside);
  return [{ id: one.id, ours: words(ours, theirs), theirs: words(theirs, ours) }];
}

const isClosed = ({ ours, theirs }: Compared): boolean => [ours, theirs].includes('closed');

/** The last words of a program in Go. */
function panicOf({ folder }: Host): string | undefined {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const said = logs.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
  return /^panic: (.*)$/m.exec(said)?.[1];
}

/** Of the subnets of the next hops that the cases name; 192.0.2.254 is the speaker's own in one. */
const ON_LINK = ['10.0.0.254/24', '192.0.2.254/24', '2001:db8::fe/64'];

const addAddresses = (host: Host, addresses: readonly string[]): Promise<string> =>
  ipBatch(
    host,
    'addresses',
    addresses.map((address) => `address add ${address} dev eth0 nodad`),
  );

/** The neighbour of a case, at an address within the prober. */
const call = (one: Case, index: number, prober: Host): Called => ({
  one,
  index,
  host: { ...prober, name: `case${index}`, ipv4: `10.77.0.${index + 10}` },
});

const neighborFor = ({ one, host }: Called): NeighborConfig => ({
  host,
  asn: one.peerAs,
  transport: 'ipv4',
  families: ['ipv4-unicast', 'ipv6-unicast'],
  passive: true,
  reflectorClient: one.client,
});

export const scenarios: readonly Scenario[] = [
  {
    name: 'malformed',
    title: 'malformed messages do to session and routes what they do to another speaker’s',
    hosts: ['subject', 'peer', 'prober'],
    run,
  },
];
