import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { openPrivateNames } from './open-private-names.ts';

/** Bundles the command line into `dist/cli`: it starts four times as fast as from single files. */
const { outputFiles } = await build({
  entryPoints: ['src/cli/main.ts', 'src/bfd/thread.ts'],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  outdir: 'dist/cli',
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  // Constants stand where they are used; names and lines stay, for stack traces.
  minifySyntax: true,
  logLevel: 'warning',
  write: false,
});
for (const file of outputFiles) {
  await mkdir(path.dirname(file.path), { recursive: true });
  writeFileSync(file.path, openPrivateNames(file.text));
}
