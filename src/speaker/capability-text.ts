import { ROLES } from '../wire/capabilities/role.ts';
import type { Capability } from '../wire/capabilities/table.ts';
import { capabilityRowOf } from '../wire/capabilities/table.ts';
import type { CapabilityStatus } from './peer-status.ts';

/** A capability as a person reads it. */
export function capabilityStatus(capability: Capability): CapabilityStatus {
  if (capability.type === 'unknown') {
    const detail = Buffer.from(capability.value).toString('hex');
    return { code: capability.code, name: 'unknown', detail };
  }
  const { type, ...value } = capability;
  const detail = capability.type === 'role' ? roleName(capability.role) : words(value);
  return { code: capabilityRowOf(type).code, name: type, detail };
}

const roleName = (code: number): string => ROLES[code] ?? `unknown role ${code}`;

/** The fields of a value as `name value`, nested ones in brackets; nothing for an empty value. */
function words(value: object): string {
  return Object.entries(value)
    .map(([name, field]) => `${name} ${word(field)}`)
    .join(', ');
}

function word(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(word).join('; ')}]`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'object' && value !== null ? words(value) : String(value);
}
