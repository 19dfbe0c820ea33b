/** Which claims a pod uses. */

import type { Pod } from './compute.ts';

/** Names of the claims, in the pod's own namespace, that its volumes are. */
export function claimNames({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName] : [],
  );
}
