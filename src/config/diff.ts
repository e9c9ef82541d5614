import { isDeepStrictEqual } from 'node:util';
import { CEASE_DECONFIGURED, CEASE_SHUTDOWN, type FieldChange } from './change.ts';
import { difference } from './difference.ts';
import { rowsOf } from './fields.ts';
import { DYNAMIC_PEER_FIELDS, PEER_FIELDS } from './peer-fields.ts';
import { SPEAKER_FIELDS } from './speaker-fields.ts';
import type { SessionConfig, SpeakerConfig } from './types.ts';

/** One step from a configuration to the next. */
export interface ConfigChange {
  readonly object: 'speaker' | 'peer' | 'dynamicPeer';
  /** Peer name, range of dynamic peers, or field of the speaker. */
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Changed fields of the object. */
  readonly fields: readonly string[];
  /** Changes elsewhere that reach this object: `routerId`, `policy NAME`. */
  readonly causes: readonly string[];
  /** The strongest of all: reset, then refresh, then hot. */
  readonly change: FieldChange;
  /** What it means for the object, for the log. */
  readonly effect: string;
}

/** Everything that differs, speaker first. A configuration equal to the last gives nothing. */
export function diffConfig(before: SpeakerConfig, after: SpeakerConfig): readonly ConfigChange[] {
  const speaker = changedFields(before, after, OWN_ROWS);
  const resets = speaker.filter(([, change]) => change.type === 'reset');
  const policies = changedPolicies(before, after);
  const reach: Reach = { resets, policies, effects: new Map() };
  return [
    ...speaker.map(([name, change]) => speakerChange(name, change, policies)),
    ...diffSessions('peer', before.peers, after.peers, ({ name }) => name, PEER_ROWS, reach),
    ...diffSessions(
      'dynamicPeer',
      before.dynamicPeers,
      after.dynamicPeers,
      ({ range }) => range,
      DYNAMIC_PEER_ROWS,
      reach,
    ),
  ];
}

type Rows = ReturnType<typeof rowsOf>;

const OWN_ROWS: Rows = rowsOf(SPEAKER_FIELDS).filter(
  ([name]) => name !== 'peers' && name !== 'dynamicPeers',
);
const PEER_ROWS: Rows = rowsOf(PEER_FIELDS);
const DYNAMIC_PEER_ROWS: Rows = rowsOf(DYNAMIC_PEER_FIELDS);

type NamedChange = readonly [name: string, change: FieldChange];

/** What changes of the speaker do to sessions that did not change themselves. */
interface Reach {
  readonly resets: readonly NamedChange[];
  readonly policies: ReadonlySet<string>;
  /** By what makes them differ: thousands of sessions have the same few. */
  readonly effects: Map<string, Effect>;
}

type Direction = 'import' | 'export';

type Effect = Pick<ConfigChange, 'causes' | 'change' | 'effect'>;

function changedFields(before: object, after: object, rows: Rows): readonly NamedChange[] {
  const old = before as Readonly<Record<string, unknown>>;
  const now = after as Readonly<Record<string, unknown>>;
  return rows
    .filter(([name]) => old[name] !== now[name] && !isDeepStrictEqual(old[name], now[name]))
    .map(([name, { change }]) => [name, change]);
}

function changedPolicies(before: SpeakerConfig, after: SpeakerConfig): ReadonlySet<string> {
  if (before.policies === after.policies) return new Set();
  const names = new Set([...Object.keys(before.policies), ...Object.keys(after.policies)]);
  const rules = ({ policies }: SpeakerConfig, name: string) =>
    Object.hasOwn(policies, name) ? policies[name] : undefined;
  return new Set(
    [...names].filter((name) => !isDeepStrictEqual(rules(before, name), rules(after, name))),
  );
}

function speakerChange(
  name: string,
  change: FieldChange,
  policies: ReadonlySet<string>,
): ConfigChange {
  const causes = name === 'policies' ? [...policies].map((policy) => `policy ${policy}`) : [];
  const detail = causes.length > 0 ? ` (${causes.join(', ')})` : '';
  const effect = `${name} changes${detail}, ${consequence(change, 'every session')}`;
  return { object: 'speaker', name, kind: 'changed', fields: [name], causes, change, effect };
}

function diffSessions<T extends SessionConfig>(
  object: 'peer' | 'dynamicPeer',
  before: readonly T[],
  after: readonly T[],
  nameOf: (session: T) => string,
  rows: Rows,
  reach: Reach,
): readonly ConfigChange[] {
  const isReached = reach.resets.length > 0 || usesAny(after, reach.policies);
  // Of thousands few are not the very same.
  const { gone, come } = isReached
    ? { gone: before, come: after }
    : difference(before, after, nameOf);
  const kept = new Map(gone.map((session) => [nameOf(session), session]));
  const changes: ConfigChange[] = [];
  const whole = (name: string, kind: 'added' | 'removed'): ConfigChange => {
    const change: FieldChange =
      kind === 'added' ? { type: 'hot' } : { type: 'reset', cease: CEASE_DECONFIGURED };
    const cost = kind === 'added' ? '' : `, Cease 6/${CEASE_DECONFIGURED}`;
    const effect = `${kind}${cost}`;
    return { object, name, kind, fields: [], causes: [], change, effect };
  };
  for (const session of come) {
    const name = nameOf(session);
    const known = kept.get(name);
    kept.delete(name);
    if (known === undefined) changes.push(whole(name, 'added'));
    else {
      const own = known === session ? [] : changedFields(known, session, rows);
      changes.push(...sessionChange(object, name, own, session, reach));
    }
  }
  return [...[...kept.keys()].map((name) => whole(name, 'removed')), ...changes];
}

/** Thousands of sessions may share a list of policies. */
function usesAny(sessions: readonly SessionConfig[], policies: ReadonlySet<string>): boolean {
  if (policies.size === 0) return false;
  const lists = new Set<readonly string[]>();
  for (const { importPolicy, exportPolicy } of sessions) lists.add(importPolicy).add(exportPolicy);
  return [...lists].some((list) => list.some((name) => policies.has(name)));
}

function sessionChange(
  object: 'peer' | 'dynamicPeer',
  name: string,
  own: readonly NamedChange[],
  session: SessionConfig,
  reach: Reach,
): readonly ConfigChange[] {
  const fields = own.map(([field]) => field);
  const used = (direction: Direction): readonly string[] =>
    session[`${direction}Policy`].filter((policy) => reach.policies.has(policy));
  const [imports, exports] = [used('import'), used('export')];
  if (fields.length + imports.length + exports.length + reach.resets.length === 0) return [];
  const key = [object, ...fields, '', ...imports, '', ...exports].join('\n');
  const known = reach.effects.get(key);
  if (known !== undefined) return [{ object, name, kind: 'changed', fields, ...known }];
  const effect = effectOf(own, [
    ...reach.resets,
    ...refreshes(imports, 'import'),
    ...refreshes(exports, 'export'),
  ]);
  reach.effects.set(key, effect);
  return [{ object, name, kind: 'changed', fields, ...effect }];
}

const refreshes = (policies: readonly string[], direction: Direction): readonly NamedChange[] =>
  policies.map((policy) => [`policy ${policy}`, { type: 'refresh', direction }]);

function effectOf(own: readonly NamedChange[], reached: readonly NamedChange[]): Effect {
  const fields = own.map(([field]) => field);
  const causes = [...new Set(reached.map(([cause]) => cause))];
  const change = strongest([...own, ...reached].map(([, each]) => each));
  const effect = `${consequence(change, 'the session')} (${[...fields, ...causes].join(', ')})`;
  return { causes, change, effect };
}

function strongest(changes: readonly FieldChange[]): FieldChange {
  const reset = changes.find(({ type }) => type === 'reset');
  if (reset !== undefined) return reset;
  const directions = new Set(
    changes.flatMap((each) => (each.type === 'refresh' ? [each.direction] : [])),
  );
  const [only, another] = directions;
  if (only === undefined) return { type: 'hot' };
  return { type: 'refresh', direction: another === undefined ? only : 'both' };
}

function consequence(change: FieldChange, sessions: string): string {
  switch (change.type) {
    case 'hot':
      return `applied without touching ${sessions}`;
    case 'refresh':
      return `routes are re-evaluated (${change.direction}), ${sessions} stays`;
    case 'reset':
      return change.cease === CEASE_SHUTDOWN
        ? `${sessions} ends with Cease 6/${change.cease}, or begins`
        : `${sessions} restarts with Cease 6/${change.cease}`;
  }
}
