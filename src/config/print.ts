import type { PrintOptions } from './kind.ts';
import { SPEAKER } from './speaker-fields.ts';
import type { SpeakerConfig } from './types.ts';

/**
 * The written form of a configuration: every effective value, fields in the order of the tables.
 * Reading it again gives the same configuration, unless a password was redacted.
 */
export const printConfig = (
  config: SpeakerConfig,
  options: PrintOptions = { redact: true },
): Readonly<Record<string, unknown>> =>
  SPEAKER.print(config, options) as Readonly<Record<string, unknown>>;
