import type { PeerConfig } from '../config/types.ts';
import type { Problem, ProblemCode } from '../datastore/problem.ts';
import type { SecretKeyRef } from '../datastore/resources/views.ts';
import type { Cluster } from './cluster.ts';
import type { Environment, Need } from './types.ts';

/** What became of a password, for all peers that ask for it. */
export interface PasswordOutcome {
  readonly password: PeerConfig['password'];
  /** Why peers are held down for it, if they are. */
  readonly hold: string | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Octets that Linux takes as TCP-MD5 key. */
const MAX_PASSWORD = 80;

/**
 * The password of peers. Where the Secret or its key is missing, they connect without one, as Calico
 * lets them, unless the environment asks to hold them down; one that no socket takes always does.
 */
export function passwordOf(
  { name, key }: SecretKeyRef,
  { secrets }: Pick<Cluster, 'secrets'>,
  environment: Environment,
): PasswordOutcome {
  const namespace = environment.secretNamespace || 'kube-system';
  const place: Place = { namespace, name, key };
  const needs: readonly Need[] = [{ kind: 'Secret', namespace, name }];
  const written = secrets.get(`${namespace}/${name}`)?.data.get(key) ?? '';
  const value = written.replace(/\r?\n$/, '');
  if (value === '') {
    const held = environment.missingSecret === 'hold';
    const hold = held ? holdOf(place, 'is missing or empty') : undefined;
    return { password: undefined, hold, needs, problems: [missing(place, held)] };
  }
  if (Buffer.byteLength(value) > MAX_PASSWORD) {
    const fault = `is longer than ${MAX_PASSWORD} octets`;
    const hold = holdOf(place, fault);
    return { password: undefined, hold, needs, problems: [unusable(place, fault)] };
  }
  const problems = value === written ? [] : [trimmed(place)];
  return { password: { value }, hold: undefined, needs, problems };
}

/** Of a peer that asks for none. */
export const NO_PASSWORD: PasswordOutcome = {
  password: undefined,
  hold: undefined,
  needs: [],
  problems: [],
};

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

const holdOf = ({ namespace, name, key }: Place, fault: string): string =>
  `its password, key ${key} of Secret ${namespace}/${name}, ${fault}`;

const missing = (place: Place, held: boolean): Problem =>
  problemOf(
    place,
    'secret-unknown',
    held
      ? 'is missing or empty; peers that ask for this password are held down'
      : 'is missing or empty; peers that ask for this password connect without one, unprotected',
    `Give Secret ${place.name} in namespace ${place.namespace} a key ${place.key}`,
  );

const unusable = (place: Place, fault: string): Problem =>
  problemOf(
    place,
    'secret-unusable',
    `${fault}; peers that ask for this password are held down`,
    `Choose a password of ${MAX_PASSWORD} octets at most`,
  );

const trimmed = (place: Place): Problem => ({
  ...problemOf(
    place,
    'secret-trimmed',
    'ends in a line break, which is left out of the password',
    'Write the Secret without it, as `printf` or `kubectl create secret` do',
  ),
  severity: 'warning',
});

const problemOf = (
  { namespace, name, key }: Place,
  code: ProblemCode,
  message: string,
  cure: string,
): Problem => ({
  code,
  severity: 'error',
  where: `Secret ${namespace}/${name}, ${key}`,
  message,
  cure,
});
