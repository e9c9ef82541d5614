import { type AddressBytes, parseAddress } from '../../net/address.ts';
import { FAMILIES, type Family } from '../../net/family.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Probe } from '../../runtime/probe.ts';
import type { Peer } from '../../speaker/peer.ts';
import { messageTypeAt } from '../../wire/header.ts';
import { MAX_EXTENDED_MESSAGE, UPDATE } from '../../wire/message.ts';
import type { CodecContext } from '../../wire/path-attributes.ts';
import { scanUpdate, UpdateScan } from '../../wire/update-scan.ts';
import { encodeSessionRecord, type SessionEnds, type SessionRecord, stateNamed } from './bgp4mp.ts';
import { BGP4MP_ET, encodeRecord } from './record.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  /** The peer of this name. */
  readonly peer: (name: string) => Peer | undefined;
  /** Takes one record of what has just happened. */
  readonly write: (record: Buffer) => void;
}

/** A probe that turns messages and session steps into BGP4MP_ET records. */
export function messageRecorder(
  options: RecorderOptions,
): Pick<Probe, 'detailed' | 'message' | 'sessionStep'> {
  const { clock, write } = options;
  const record = (content: SessionRecord): void => {
    const time = Math.floor(1000 * clock.wallTime());
    write(encodeRecord({ time, type: BGP4MP_ET, ...encodeSessionRecord(content) }));
  };
  return {
    detailed: true,
    message: (direction, name, bytes) => {
      const peer = options.peer(name);
      if (peer === undefined) return;
      const message = Buffer.from(bytes);
      const { as4, addPath } = formOf(message, direction, peer);
      const ends = endsOf(peer);
      record({ ...ends, type: 'message', as4, addPath, direction, bytes: message });
    },
    sessionStep: (name, from, to) => {
      const peer = options.peer(name);
      const states = [stateNamed(from), stateNamed(to)] as const;
      if (peer === undefined || states[0] === undefined || states[1] === undefined) return;
      record({ ...endsOf(peer), type: 'state', from: states[0], to: states[1] });
    },
  };
}

function endsOf({ config, link }: Peer): SessionEnds {
  const remote = parseAddress(config.address) ?? new Uint8Array(4);
  const local = parseAddress(link?.connection.local.address ?? config.localAddress ?? '');
  const { asn: remoteAsn, localAsn } = config;
  return { remoteAsn, localAsn, interfaceIndex: 0, remote, local: ofSize(local, remote.length) };
}

const ofSize = (address: AddressBytes | undefined, size: number): AddressBytes =>
  address?.length === size ? address : new Uint8Array(size);

/** The forms of AS numbers and prefixes in a message, as far as they were negotiated. */
function formOf(
  message: Buffer,
  direction: 'in' | 'out',
  { negotiated }: Peer,
): { as4: boolean; addPath: boolean } {
  if (negotiated === undefined || messageTypeAt(message, 0) !== UPDATE) {
    return { as4: true, addPath: false };
  }
  const { as4, addPath } = direction === 'in' ? negotiated.receive : negotiated.send;
  if (addPath.length === 0 || addPath.length === FAMILIES.length) {
    return { as4, addPath: addPath.length > 0 };
  }
  return { as4, addPath: familiesOf(message, as4, addPath).some((each) => addPath.includes(each)) };
}

/** Families of the prefixes in an UPDATE. */
function familiesOf(message: Buffer, as4: boolean, addPath: readonly Family[]): readonly Family[] {
  const scan = new UpdateScan();
  const codec: CodecContext = {
    as4,
    addPath,
    kind: 'ibgp',
    families: FAMILIES,
    maxMessage: MAX_EXTENDED_MESSAGE,
    extendedNextHop: true,
  };
  scanUpdate(message, 0, message.length, codec, scan);
  const classic = scan.withdrawnStart < scan.withdrawnEnd || scan.nlriStart < scan.nlriEnd;
  const afis = [classic ? 1 : 0, scan.reachAfi, scan.unreachAfi];
  return FAMILIES.filter((_, index) => afis.includes(index + 1));
}
