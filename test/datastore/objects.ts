import type { Resource } from '../../src/datastore/datastore.ts';

/** A Calico v3 object. */
export const calico = (
  kind: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>> = {},
): Resource => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels, annotations: {} },
  spec,
});
