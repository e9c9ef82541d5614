import { expect, test } from 'vitest';
import {
  type NetlinkHandler,
  type NetlinkSocket,
  openNetlinkListener,
  openNetlinkRequester,
} from '../../src/linux/netlink-socket.ts';

const linux = process.platform === 'linux';

/** RTM_GETLINK as a dump, sequence 7: header 16, ifinfomsg 16. */
const LINK_DUMP = Buffer.from(
  '20000000 1200 0103 07000000 00000000 00000000000000000000000000000000'.replaceAll(' ', ''),
  'hex',
);

const NLMSG_DONE = 3;

function dumpLinks(open: (handler: NetlinkHandler) => NetlinkSocket): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    const datagrams: Buffer[] = [];
    const socket = open({
      datagram: (bytes, start, end) => {
        const datagram = Buffer.from(bytes.subarray(start, end));
        datagrams.push(datagram);
        if (!messageTypes(datagram).includes(NLMSG_DONE)) return;
        socket.close();
        resolve(datagrams);
      },
      overrun: () => reject(new Error('overrun')),
      failed: reject,
    });
    socket.send(LINK_DUMP);
  });
}

/** Types of the messages of one datagram, which must be whole. */
function messageTypes(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    types.push(bytes.readUInt16LE(at + 4));
    at += (bytes.readUInt32LE(at) + 3) & ~3;
  }
  expect(at).toBe(bytes.length);
  return types;
}

test.skipIf(!linux)(
  'the request socket carries whole datagrams up to the end of a dump',
  async () => {
    const datagrams = await dumpLinks(openNetlinkRequester);
    expect(datagrams.flatMap(messageTypes).length).toBeGreaterThan(1);
  },
);

test.skipIf(!linux)('the listener answers requests as well', async () => {
  const options = { groups: [1], receiveBuffer: 65_536 };
  const datagrams = await dumpLinks((handler) => openNetlinkListener(options, handler));
  expect(datagrams.flatMap(messageTypes).length).toBeGreaterThan(1);
});
