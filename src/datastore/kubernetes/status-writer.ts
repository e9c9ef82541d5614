import { isObject } from '../resources/schema.ts';
import { CONFLICTS, withStatus } from '../status.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { ApiFailure } from './failure.ts';

/** Lays parts over the status of the object that is at `request.path`. */
export async function writeStatus(
  client: ApiClient,
  request: ApiRequest,
  parts: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (let conflicts = 0; ; ) {
    try {
      const object = await client.json(request);
      if (!isObject(object)) throw new ApiFailure('api-not-json', request.subject, '');
      await put(client, { ...request, body: JSON.stringify(withStatus(object, parts)) });
      return;
    } catch (error) {
      if (hasCode(error, 'api-kind-missing')) return;
      if (!hasCode(error, 'api-conflict') || ++conflicts === CONFLICTS) throw error;
    }
  }
}

/** Where the kind has no status of its own, as in older releases of Calico, the object is written. */
async function put(client: ApiClient, request: ApiRequest): Promise<void> {
  try {
    await client.json({ ...request, path: `${request.path}/status` });
  } catch (error) {
    if (!hasCode(error, 'api-kind-missing')) throw error;
    await client.json(request);
  }
}

const hasCode = (error: unknown, code: ApiFailure['code']): boolean =>
  error instanceof ApiFailure && error.code === code;
