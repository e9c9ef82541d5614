import type { Family } from '../../net/family.ts';

/** What goes into the FIB. */
export const KERNEL_POLICY = 'calico_kernel';

/** Preference of received routes whose priority is above normal. */
export const importPolicy = (family: Family): string => `calico_import_${SHORT[family]}`;

/** Kernel metric to LOCAL_PREF and back; comes before the user's export filters. */
export const priorityPolicy = (family: Family): string => `calico_priority_${SHORT[family]}`;

/** What Calico announces; comes behind the user's export filters. */
export const exportPolicy = (family: Family): string => `calico_export_${SHORT[family]}`;

const SHORT: Readonly<Record<Family, string>> = { 'ipv4-unicast': 'v4', 'ipv6-unicast': 'v6' };
