import { isObject } from './resources/schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How often somebody else may be faster before a status is given up. */
export const CONFLICTS = 3;

/** The object as stored, with parts laid over its status. */
export const withStatus = (object: Fields, parts: Fields): Fields => ({
  ...object,
  status: { ...(isObject(object['status']) && object['status']), ...parts },
});
