import { mrtLines } from '../monitor/mrt/lines.ts';
import { OfflineRib } from '../monitor/mrt/offline-rib.ts';
import { encodeRecord, readRecords } from '../monitor/mrt/record.ts';
import { BengalError } from '../runtime/error.ts';
import { reportRoute } from '../speaker/report-route.ts';
import type { RouteRow } from '../speaker/route-row.ts';
import type { Command } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { findDaemon, SOCKET_OPTION } from './control-client.ts';
import { CommandError, type ExitCode, type Io } from './io.ts';
import { openSink, readOctets } from './mrt-files.ts';
import { type CommandLine, usage } from './options.ts';
import { formatOf, OUTPUT_OPTION, printRows } from './output.ts';
import { printableJson } from './printable.ts';
import { routeColumns } from './routes.ts';

export const command: Command = {
  syntax: {
    name: 'mrt',
    summary:
      'dump    writes the table of a daemon, every path as received, as an MRT file (RFC 6396)\n' +
      'record  writes every message and session step of a daemon from now on, until interrupted\n' +
      'replay  prints an MRT file as JSON, an object a line; with --routes the routes that a speaker\n' +
      '        would have, had it heard what is in the file; with --to announces them to a peer',
    operands: 'dump|record|replay [FILE]',
    count: [1, 2],
    options: {
      routes: { help: 'replay: feed the file to a RIB and print its routes' },
      config: {
        value: 'FILE',
        help: 'replay --routes: the policies of this speaker configuration',
      },
      to: {
        value: 'ADDR[:PORT]',
        help: 'replay: a session with this peer that announces what the file holds',
      },
      asn: { value: 'N', help: 'replay --to: our AS number' },
      'peer-asn': { value: 'N', help: "replay --to: the peer's; default ours" },
      'router-id': { value: 'ID', help: 'replay --to: our router id; default 192.0.2.1' },
      speed: {
        value: 'X',
        help: 'replay --to: as far apart as it was recorded, X times as fast; default all at once',
      },
      output: OUTPUT_OPTION,
      socket: SOCKET_OPTION,
    },
  },
  run: (line, io) => {
    const [action = '', file] = line.operands;
    switch (action) {
      case 'dump':
        return dump(line, file, io);
      case 'record':
        return record(line, file, io);
      case 'replay':
        return replay(line, file, io);
      default:
        throw usage(`${action} is none of dump, record, replay`);
    }
  },
};

async function dump(line: CommandLine, file: string | undefined, io: Io): Promise<ExitCode> {
  const daemon = await findDaemon(line, io);
  const table = await daemon.bytes('/api/v1/mrt/table');
  const sink = await openSink(file, io);
  try {
    for await (const part of table) await sink.write(part);
  } catch (error) {
    throw broken('the daemon ended within the table: the file is not whole', error);
  } finally {
    await sink.close();
  }
  return 0;
}

/** Writes whole records only, so that the file can be read whenever the recording ends. */
async function record(line: CommandLine, file: string | undefined, io: Io): Promise<ExitCode> {
  const daemon = await findDaemon(line, io);
  const messages = await daemon.follow('/api/v1/mrt/messages');
  const sink = await openSink(file, io);
  let interrupted = false;
  io.onSignal(() => {
    interrupted = true;
    messages.destroy();
  });
  try {
    for await (const each of readRecords(messages)) await sink.write(encodeRecord(each));
  } catch (error) {
    if (!interrupted) throw broken('the daemon ended, or this end was too slow for it', error);
  } finally {
    await sink.close();
  }
  return 0;
}

async function replay(line: CommandLine, file: string | undefined, io: Io): Promise<ExitCode> {
  if (file === undefined) throw usage('FILE is missing; - is standard input');
  try {
    return await replayed(line, file, io);
  } catch (error) {
    const isMrt = error instanceof BengalError && error.code === 'malformed-mrt';
    const { cure } = isMrt ? error : {};
    if (isMrt)
      throw new CommandError(2, error.code, error.message, { where: file, ...(cure && { cure }) });
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new CommandError(2, 'malformed-gzip', error.message, { where: file, cause: error });
    }
    throw error;
  }
}

async function replayed(line: CommandLine, file: string, io: Io): Promise<ExitCode> {
  if (line.has('routes')) return routes(line, file, io);
  if (!line.has('to')) return print(file, io);
  const { replayTo } = await import('./mrt-live.ts');
  return replayTo(line, file, io);
}

async function print(file: string, io: Io): Promise<ExitCode> {
  let sound = true;
  for await (const { json, wellFormed } of mrtLines(readOctets(file, io))) {
    await io.write(`${printableJson(json)}\n`);
    sound &&= wellFormed;
  }
  return sound ? 0 : 2;
}

async function routes(line: CommandLine, file: string, io: Io): Promise<ExitCode> {
  const config = line.get('config');
  const offline = new OfflineRib(
    io.clock,
    config === undefined ? undefined : readConfigFile(config).config,
  );
  await offline.feed(readOctets(file, io));
  await printRows(rowsOf(offline), routeColumns(io), formatOf(line), io);
  if (offline.refused === 0) return 0;
  io.complain(`bengal mrt: ${offline.refused} malformed messages were left out`);
  return 2;
}

async function* rowsOf({ rib }: OfflineRib): AsyncGenerator<RouteRow> {
  const all = { family: undefined, peer: undefined, filtered: false, prefix: undefined } as const;
  for (const path of rib?.routes({ ...all, view: 'table' }) ?? []) yield reportRoute(path);
}

const broken = (message: string, cause: unknown): CommandError =>
  new CommandError(3, 'stream-ended', message, { cause });
