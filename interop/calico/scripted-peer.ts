import { type Clock, processClock, type Timer } from '../../src/index.ts';
import { withinNamespace } from '../../src/linux/namespace.ts';
import { parseIpv4Number } from '../../src/net/address.ts';
import { afiOf, type Family, familyOf, SAFI_UNICAST } from '../../src/net/family.ts';
import { NodeTransport } from '../../src/transport/node-transport.ts';
import type { Connection, ConnectionHandler, Listener } from '../../src/transport/transport.ts';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { messageTypeAt } from '../../src/wire/header.ts';
import { type Json, openJson } from '../../src/wire/json-open.ts';
import { updateJson } from '../../src/wire/json-update.ts';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { KEEPALIVE, NOTIFICATION, OPEN, ROUTE_REFRESH, UPDATE } from '../../src/wire/message.ts';
import { decodeNotification, describeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import {
  decodeRouteRefresh,
  encodeRouteRefresh,
  REFRESH_END,
} from '../../src/wire/route-refresh.ts';
import { encodeUpdate, endOfRib, type UpdateContent } from '../../src/wire/update.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';

/** Calico's hold time: so long that no keepalive of ours is due while a case runs. */
const HOLD_TIME = 240;
const AS_TRANS = 23456;

/** One router that the node under test is configured to peer with, and what it tells the node. */
export interface PeerScript {
  readonly name: string;
  readonly family: Family;
  readonly address: string;
  /** That the node dials. */
  readonly port: number;
  readonly asn: number;
  readonly routerId: string;
  readonly node: { readonly address: string; readonly port: number; readonly asn: number };
  readonly addPath: boolean;
  readonly password: string | undefined;
  readonly updates: {
    readonly first: readonly UpdateContent[];
    readonly later: readonly UpdateContent[];
  };
}

/** What a path was announced with, without its prefix, by meaning. */
type Announced = Map<string, string>;

/**
 * Plays a script in BGP from a network namespace: answers the node or dials it, tells its routes at
 * once, and writes down what it is told. It knows nothing of the speaker but the codec.
 */
export class ScriptedPeer {
  readonly script: PeerScript;
  /** The node made the connection. */
  wasDialed = false;
  established = false;
  /** End-of-RIB has come. */
  complete = false;
  /** Route refreshes that were answered in full. */
  refreshes = 0;
  open: Json | undefined;
  /** What went wrong last: a NOTIFICATION, or what is no BGP. */
  trouble = '';
  /** By prefix and path identifier. */
  readonly announced: Announced = new Map();
  readonly #namespace: string;
  readonly #transport: NodeTransport;
  #listener: Listener | undefined;
  #redial: Timer | undefined;
  #giveUp: (() => void) | undefined;
  #connection: Connection | undefined;

  constructor(script: PeerScript, namespace: string) {
    this.script = script;
    this.#namespace = namespace;
    this.#transport = new NodeTransport({ clock: clockWithin(namespace) });
    const { node, password } = script;
    if (password !== undefined) this.#transport.setKeys([{ from: node.address, password }]);
  }

  /** For the report of a failure. */
  get state(): string {
    const connection = this.#connection === undefined ? 'without connection' : 'connected';
    return `(${connection}, ${this.announced.size} paths, ${this.refreshes} refreshes${
      this.trouble === '' ? '' : `, ${this.trouble}`
    })`;
  }

  listen(): void {
    const { address, port } = this.script;
    this.#listener = this.#transport.listen(
      { address, port },
      {
        listening: () => {},
        failed: (error) => {
          this.trouble = error.describe();
        },
        accepted: (connection) => {
          this.wasDialed ||= this.#connection === undefined;
          this.#take(connection);
        },
      },
    );
  }

  dial(): void {
    const { address, node, password } = this.script;
    const options = {
      remote: node,
      interface: undefined,
      localAddress: address,
      ttl: 64,
      password,
    };
    const again = (): void => {
      this.#redial = processClock.setTimer('redial', 1000, () => this.dial());
    };
    this.#giveUp = withinNamespace(this.#namespace, () =>
      this.#transport.dial(options, {
        connected: (connection) => this.#take(connection),
        failed: again,
      }),
    );
  }

  /** Goes on to the second part of the script. */
  change(): void {
    this.#tell(this.script.updates.later);
  }

  /** Asks for everything once more: the answer is behind all that the node had to say by then. */
  refresh(): void {
    this.#send(encodeRouteRefresh(afiOf(this.script.family), SAFI_UNICAST, 0));
  }

  /** Leaves nothing behind that would keep the namespace alive. */
  close(): void {
    this.#redial?.cancel();
    this.#giveUp?.();
    this.#listener?.close();
    this.#connection?.destroy();
  }

  #send(bytes: Uint8Array): void {
    this.#connection?.write(bytes);
  }

  #take(connection: Connection): void {
    if (this.#connection !== undefined) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    const handler: ConnectionHandler = {
      message: (bytes, start, end) => this.#message(bytes.subarray(start, end)),
      malformed: (subcode) => {
        this.trouble = `a bad header, subcode ${subcode}`;
      },
      readEnd: () => {},
      drained: () => {},
      closed: () => {
        this.#connection = undefined;
        this.established = false;
        this.complete = false;
        this.announced.clear();
      },
    };
    connection.start(handler);
    const { password } = this.script;
    connection.protect({ ttl: 64, password });
    this.#send(this.#openMessage());
  }

  #message(bytes: Buffer): void {
    const type = messageTypeAt(bytes, 0);
    if (type === OPEN) {
      this.open = openJson(bytes);
      this.#send(encodeKeepalive());
    } else if (type === KEEPALIVE) {
      this.#begin();
    } else if (type === UPDATE) {
      this.#update(bytes);
    } else if (type === NOTIFICATION) {
      this.trouble = describeNotification(decodeNotification(bytes, 0, bytes.length));
    } else if (type === ROUTE_REFRESH) {
      if (decodeRouteRefresh(bytes, 0, bytes.length).subtype === REFRESH_END) this.refreshes++;
    }
  }

  #begin(): void {
    if (this.established) return;
    this.established = true;
    this.#tell(this.script.updates.first);
    this.#send(endOfRib(this.script.family));
  }

  #tell(updates: readonly UpdateContent[]): void {
    for (const content of updates) this.#send(encodeUpdate(content, this.#context));
  }

  #openMessage(): Buffer {
    const { asn, routerId, family, addPath } = this.script;
    const afiSafi = { afi: afiOf(family), safi: SAFI_UNICAST };
    const graceful: Capability = {
      type: 'graceful-restart',
      restarting: false,
      notification: false,
      restartTime: 120,
      families: [{ ...afiSafi, forwarding: true }],
    };
    return encodeOpen({
      version: 4,
      asn: asn > 0xffff ? AS_TRANS : asn,
      holdTime: HOLD_TIME,
      bgpId: parseIpv4Number(routerId) ?? 0,
      capabilities: [
        { type: 'multiprotocol', ...afiSafi },
        { type: 'route-refresh' },
        graceful,
        { type: 'as4', asn },
        ...(addPath ? [{ type: 'add-path' as const, families: [{ ...afiSafi, mode: 3 }] }] : []),
        { type: 'enhanced-route-refresh' },
      ],
    });
  }

  get #context(): CodecContext {
    const { asn, node, family, addPath } = this.script;
    return {
      as4: true,
      kind: asn === node.asn ? 'ibgp' : 'ebgp',
      addPath: addPath ? [family] : [],
      families: [family],
      maxMessage: 4096,
      extendedNextHop: false,
    };
  }

  #update(bytes: Buffer): void {
    const scan = new UpdateScan();
    const error = scanUpdate(bytes, 0, bytes.length, this.#context, scan);
    if (error !== undefined) {
      this.trouble = `a bad UPDATE: ${error.message}`;
      return;
    }
    if (familyOf(scan.endOfRibAfi, SAFI_UNICAST) === this.script.family) this.complete = true;
    const update = updateJson(bytes, scan, this.#context) as unknown as UpdateJson;
    const { mpReach, mpUnreach, ...attributes } = update.attrs;
    for (const nlri of [...update.withdrawn, ...(mpUnreach?.withdrawn ?? [])]) {
      this.announced.delete(JSON.stringify(nlri));
    }
    const text = JSON.stringify({
      ...attributes,
      ...(mpReach !== undefined && { nextHop: mpReach.nextHops.join(' ') }),
    });
    for (const nlri of [...update.nlri, ...(mpReach?.nlri ?? [])]) {
      this.announced.set(JSON.stringify(nlri), text);
    }
  }
}

interface UpdateJson {
  readonly withdrawn: readonly unknown[];
  readonly nlri: readonly unknown[];
  readonly attrs: {
    readonly mpReach?: { readonly nextHops: readonly string[]; readonly nlri: readonly unknown[] };
    readonly mpUnreach?: { readonly withdrawn: readonly unknown[] };
  };
}

/** What is put off to a later turn happens in the namespace, as binding does. */
const clockWithin = (namespace: string): Clock => ({
  ...processClock,
  soon: (run) => processClock.soon(() => withinNamespace(namespace, run)),
});
