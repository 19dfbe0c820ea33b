/**
 * The version of the API in which virt-controller has seen an object. Writing it is the first thing
 * that happens to a new VM or VMI, so that what is stored is stored in that version
 * (kubevirt v1.1.1 pkg/controller/controller.go).
 */

import type { KubeObject } from '../../../api/object.ts';

const OBSERVED = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};

/** Whether the annotations are there and right. */
export function observedVersions({ metadata: { annotations } }: KubeObject): boolean {
  for (const [key, value] of Object.entries(OBSERVED)) {
    if (annotations?.[key] !== value) return false;
  }
  return true;
}

export function withObservedVersions<T extends KubeObject>(object: T): T {
  const annotations = { ...object.metadata.annotations, ...OBSERVED };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
