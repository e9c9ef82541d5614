import { isRecord, type Schema } from './kind.ts';
import { type ConfigProblem, Place } from './place.ts';
import { SPEAKER } from './speaker-fields.ts';
import type { SpeakerConfig } from './types.ts';

export type Resolved =
  | { readonly config: SpeakerConfig }
  | { readonly errors: readonly ConfigProblem[] };

/** The written configuration with every default filled in, or all that is wrong with it. */
export function resolveConfig(written: unknown): Resolved {
  const asn = isRecord(written) && Object.hasOwn(written, 'asn') ? written['asn'] : undefined;
  const errors: ConfigProblem[] = [];
  const place = new Place({ asn: typeof asn === 'number' ? asn : undefined }, errors);
  const config = SPEAKER.read(written, place);
  return config === undefined || errors.length > 0 ? { errors } : { config };
}

/** One line for a terminal: `where: message (cure)`. */
export const describeProblem = ({ where, message, cure }: ConfigProblem): string =>
  `${where === '' ? 'configuration' : where}: ${message} (${cure})`;

/** JSON Schema of the written configuration. */
export const speakerSchema = (): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'bengal speaker configuration',
  ...SPEAKER.schema,
});
