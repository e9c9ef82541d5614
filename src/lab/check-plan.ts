import { BengalError } from '../runtime/error.ts';
import type { Plan } from './plan.ts';

/** A DNS name, short enough for the path of a socket in a folder of that name. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,48}[a-z0-9])?$/;

/** Throws a `BengalError` when the members cannot be put on one network. */
export function checkPlan({ members }: Plan): void {
  if (members.length === 0)
    throw fault('the directory', 'describes no Node', 'Put Node resources into it, one a member');
  for (const { name, addresses } of members) {
    if (!NAME.test(name))
      throw fault(
        `Node ${name}`,
        'has a name that no network namespace can have',
        'Use a DNS name of at most 50 lower-case letters, digits, dashes and dots',
      );
    if (addresses.length === 0)
      throw fault(
        `Node ${name}`,
        'has no address of its own, so it has no place on the network',
        'Give it a spec.bgp.ipv4Address or spec.bgp.ipv6Address that no other Node has',
      );
  }
}

const fault = (where: string, message: string, cure: string): BengalError =>
  new BengalError('lab-directory', message, { where, cure });
