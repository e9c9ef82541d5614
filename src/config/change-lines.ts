import type { FieldChange } from './change.ts';
import type { ConfigChange } from './diff.ts';

/** Names that one line tells at most. */
const MOST_NAMES = 10;

/** A line of the log: what a change means for one object, or alike for many. */
export interface ChangeLine {
  readonly object: ConfigChange['object'];
  /** The first of them. */
  readonly names: readonly string[];
  readonly class: FieldChange['type'];
  readonly change: string;
}

const OBJECTS: readonly ConfigChange['object'][] = ['speaker', 'peer', 'dynamicPeer'];

/** One line for all objects to which the same happens: a policy may reach thousands of peers. */
export function changeLines(changes: readonly ConfigChange[]): readonly ChangeLine[] {
  return OBJECTS.flatMap((object) => {
    const alike = new Map<string, [ConfigChange, ...ConfigChange[]]>();
    for (const change of changes) {
      if (change.object !== object) continue;
      const others = alike.get(change.effect);
      if (others === undefined) alike.set(change.effect, [change]);
      else others.push(change);
    }
    return [...alike.values()].map(lineOf);
  });
}

function lineOf(all: readonly [ConfigChange, ...ConfigChange[]]): ChangeLine {
  const [{ object, name, change, effect }] = all;
  const subject = all.length === 1 ? `${object} ${name}` : `${all.length} ${object}s`;
  return {
    object,
    names: all.slice(0, MOST_NAMES).map((each) => each.name),
    class: change.type,
    change: `${object === 'speaker' ? object : subject}: ${effect}`,
  };
}
