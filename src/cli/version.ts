import { type PlatformFeature, platformFeatures } from '../linux/platform-features.ts';
import type { Command } from './command.ts';
import { formatOf, OUTPUT_OPTION, printDocument } from './output.ts';
import { packageVersion } from './package-version.ts';

export const command: Command = {
  syntax: {
    name: 'version',
    summary: 'The version of bengal and of Node, and what the platform allows.',
    operands: '',
    count: [0, 0],
    options: { output: OUTPUT_OPTION },
  },
  run: async (line, io) => {
    const version = {
      version: packageVersion(),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      features: platformFeatures(),
    };
    const text = (): string =>
      `bengal ${version.version}\nNode ${version.node} on ${version.platform}\n` +
      version.features.map(featureLine).join('');
    await printDocument(version, formatOf(line), text, io);
    return 0;
  },
};

const featureLine = ({ name, available, detail }: PlatformFeature): string =>
  `${available ? 'yes' : 'no '}  ${name}: ${detail}\n`;
