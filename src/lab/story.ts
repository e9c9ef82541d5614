import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../datastore/datastore.ts';
import { type Placed, readDocuments } from '../datastore/file/documents.ts';
import { BengalError } from '../runtime/error.ts';

/** API version of what is no resource, but done to a member. */
const DEEDS = 'lab.bengal.io/v1';

/**
 * `Kill`: the member's process gets SIGKILL. `Replace`: a new process takes the place of one that
 * was killed.
 */
export interface Deed {
  readonly kind: 'Kill' | 'Replace';
  readonly member: string;
  /** As `then/1-kill.yaml:2:1`. */
  readonly place: string;
}

/** One file of `then/`: what changes while the lab runs. */
export interface Chapter {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Done in order, when the resources are in force. */
  readonly deeds: readonly Deed[];
}

/** The files of `then/` in the lab's directory, in the order of their names; none without it. */
export function chaptersOf(directory: string): readonly Chapter[] {
  const folder = path.join(directory, 'then');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files = readdirSync(folder).filter((name) => /\.(yaml|yml|json)$/.test(name));
  return files.sort().map((file) => {
    const name = `then/${file}`;
    const placed = readDocuments(name, readFileSync(path.join(folder, file), 'utf8'));
    const isDeed = ({ resource }: Placed): boolean => resource.apiVersion === DEEDS;
    return {
      name,
      resources: placed.filter((at) => !isDeed(at)).map(({ resource }) => resource),
      deeds: placed.filter(isDeed).map(deedOf),
    };
  });
}

function deedOf({ resource, place }: Placed): Deed {
  const { kind, metadata } = resource;
  if (kind === 'Kill' || kind === 'Replace') return { kind, member: metadata.name, place };
  throw fault(place, `${DEEDS} has no kind ${kind}`, 'Write Kill or Replace');
}

/** Throws a `BengalError` at the first deed that cannot be done: the story would stop there. */
export function checkDeeds(chapters: readonly Chapter[], members: readonly string[]): void {
  const dead = new Set<string>();
  for (const { kind, member, place } of chapters.flatMap(({ deeds }) => deeds)) {
    if (!members.includes(member))
      throw fault(place, `there is no member ${member}`, `Name one of ${members.join(', ')}`);
    if (kind === 'Kill' && dead.has(member))
      throw fault(place, `${member} is dead already`, 'Replace it first');
    if (kind === 'Replace' && !dead.has(member))
      throw fault(place, `${member} is not dead`, 'Kill it first');
    if (kind === 'Kill') dead.add(member);
    else dead.delete(member);
  }
}

const fault = (where: string, message: string, cure: string): BengalError =>
  new BengalError('story', message, { where, cure });

/** `resources` with those of `later` in place of, or beside, its own. */
export function overlaid(
  resources: Iterable<Resource>,
  later: readonly Resource[],
): readonly Resource[] {
  const byKey = new Map([...resources, ...later].map((resource) => [keyOf(resource), resource]));
  return [...byKey.values()];
}
