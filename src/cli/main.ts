#!/usr/bin/env node
import { runCommandLine } from './commands.ts';
import { processIo } from './process-io.ts';

const io = processIo();
io.exit(await runCommandLine(process.argv.slice(2), io));
