/**
 * What a changed field costs: *hot* sends no message to the peer, *refresh* re-evaluates routes of
 * the named direction and sends differences, *reset* restarts the session with a Cease (code 6) of
 * this subcode, RFC 4486 §4.
 */
export type FieldChange =
  | { readonly type: 'hot' }
  | { readonly type: 'refresh'; readonly direction: 'import' | 'export' | 'both' }
  | { readonly type: 'reset'; readonly cease: number };

/** Cease subcode "Peer De-configured", RFC 4486 §4. */
export const CEASE_DECONFIGURED = 3;

/** Cease subcode "Other Configuration Change", RFC 4486 §4. */
const CEASE_CONFIGURATION_CHANGE = 6;

/** Cease subcode "Administrative Shutdown", RFC 4486 §4. */
export const CEASE_SHUTDOWN = 2;

export const HOT: FieldChange = { type: 'hot' };
export const REFRESH_IMPORT: FieldChange = { type: 'refresh', direction: 'import' };
export const REFRESH_EXPORT: FieldChange = { type: 'refresh', direction: 'export' };
export const REFRESH_BOTH: FieldChange = { type: 'refresh', direction: 'both' };
export const SHUTDOWN: FieldChange = { type: 'reset', cease: CEASE_SHUTDOWN };
export const RESET: FieldChange = { type: 'reset', cease: CEASE_CONFIGURATION_CHANGE };
/** With another value it is another object: the old one goes, a new one comes. */
export const IDENTITY: FieldChange = { type: 'reset', cease: CEASE_DECONFIGURED };
