import { execFileSync } from 'node:child_process';

/** Of the daemon. */
export const DAEMON_ADDRESS = '198.18.0.1';

const FIRST_CLIENT = 0xc612_4001;
const MAX_CLIENTS = 2100;
const DAEMON_MAC = '02:00:00:00:18:01';
const LOAD_MAC = '02:00:00:00:18:02';

/** Address of a client by number from 0. */
export const clientAddress = (number: number): string => {
  const address = FIRST_CLIENT + number;
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
};

/** Two network namespaces with a cable between them: one for the daemon, one for all its clients. */
export class LoadNetwork {
  readonly daemon: string = `bengal-bench-${process.pid}-d`;
  readonly clients: string = `bengal-bench-${process.pid}-c`;

  /** Neighbours are permanent: no ARP, and no limit of the neighbour table in the way. */
  up(): void {
    ip(['netns', 'add', this.daemon]);
    ip(['netns', 'add', this.clients]);
    const link = ['link', 'add', 'bench0', 'address', DAEMON_MAC, 'type', 'veth', 'peer'];
    const peer = ['name', 'bench1', 'address', LOAD_MAC, 'netns', this.clients];
    ip(['-n', this.daemon, ...link, ...peer]);
    const neighbours = Array.from(
      { length: MAX_CLIENTS },
      (_, number) =>
        `neigh replace ${clientAddress(number)} lladdr ${LOAD_MAC} dev bench0 nud permanent`,
    );
    this.#batch(this.daemon, [
      'link set lo up',
      `address add ${DAEMON_ADDRESS}/16 dev bench0`,
      'link set bench0 up',
      ...neighbours,
    ]);
    this.#batch(this.clients, [
      'link set lo up',
      'address add 198.18.0.2/16 dev bench1',
      'link set bench1 up',
      'route add local 198.18.64.0/18 dev lo',
      `neigh replace ${DAEMON_ADDRESS} lladdr ${DAEMON_MAC} dev bench1 nud permanent`,
    ]);
  }

  down(): void {
    for (const name of [this.daemon, this.clients]) ip(['netns', 'delete', name]);
  }

  #batch(namespace: string, lines: readonly string[]): void {
    ip(['-n', namespace, '-batch', '-'], lines.join('\n'));
  }
}

function ip(words: readonly string[], input = ''): void {
  execFileSync('ip', words, { input, stdio: ['pipe', 'ignore', 'inherit'] });
}
