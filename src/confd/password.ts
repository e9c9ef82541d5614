import type { PeerConfig } from '../config/types.ts';
import type { Problem, ProblemCode } from '../datastore/problem.ts';
import type { SecretKeyRef } from '../datastore/resources/views.ts';
import type { Cluster } from './cluster.ts';
import type { Environment, Hold, Need } from './types.ts';

/** What became of a peer's password. */
export interface PasswordOutcome {
  readonly password: PeerConfig['password'];
  readonly hold: Hold | undefined;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Octets that Linux takes as TCP-MD5 key. */
const MAX_PASSWORD = 80;

/**
 * The password of a peer. Where the Secret or its key is missing, the peer connects without one, as
 * Calico lets it, unless the environment asks to hold it down; one that no socket takes always does.
 */
export function passwordOf(
  reference: SecretKeyRef | undefined,
  peer: string,
  { secrets }: Cluster,
  environment: Environment,
): PasswordOutcome {
  if (reference === undefined)
    return { password: undefined, hold: undefined, needs: [], problems: [] };
  const { name, key } = reference;
  const namespace = environment.secretNamespace || 'kube-system';
  const place: Place = { namespace, name, key };
  const needs: readonly Need[] = [{ kind: 'Secret', namespace, name }];
  const written = secrets.get(`${namespace}/${name}`)?.data.get(key) ?? '';
  const value = written.replace(/\r?\n$/, '');
  if (value === '') {
    const held = environment.missingSecret === 'hold';
    const hold = held ? holdOf(peer, place, 'is missing or empty') : undefined;
    return { password: undefined, hold, needs, problems: [missing(place, held)] };
  }
  if (Buffer.byteLength(value) > MAX_PASSWORD) {
    const fault = `is longer than ${MAX_PASSWORD} octets`;
    const hold = holdOf(peer, place, fault);
    return { password: undefined, hold, needs, problems: [unusable(place, fault)] };
  }
  const problems = value === written ? [] : [trimmed(place)];
  return { password: { value }, hold: undefined, needs, problems };
}

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

const holdOf = (peer: string, { namespace, name, key }: Place, fault: string): Hold => ({
  peer,
  reason: `its password, key ${key} of Secret ${namespace}/${name}, ${fault}`,
});

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
