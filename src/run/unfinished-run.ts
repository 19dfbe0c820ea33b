/** The run of a scenario that was cut off on a cluster: to be gone on with, not begun anew. */

import { createHash } from 'node:crypto';
import { hideOverrideSecrets } from '../core/yaml-secrets.ts';
import { getFilePath, listRuns } from '../record/layout.ts';
import { readManifest } from '../record/manifest.ts';
import { sameJson } from '../core/json.ts';
import type { ConnectionChoice } from '../kube/kubeconfig.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Its id: the newest of this very text on this cluster, where that came to no end of its own. */
export function unfinishedRun(
  results: string,
  { name, origin }: Scenario,
  choice: ConnectionChoice,
): string | undefined {
  // Of both the record has no secrets.
  const sha256 = createHash('sha256').update(origin.text).digest('hex');
  const overrides = origin.overrides.map(hideOverrideSecrets);
  const runs = listRuns(results).flatMap((folder) => {
    const manifest = readManifest(getFilePath(folder, 'manifest'));
    const isOfIt =
      folder.scenario === name &&
      manifest?.scenario.sha256 === sha256 &&
      sameJson(manifest.scenario.overrides, overrides) &&
      sameJson(manifest.connection, choice);
    return isOfIt ? [{ folder, manifest }] : [];
  });
  const newest = runs.toSorted((a, b) => (a.manifest.started < b.manifest.started ? -1 : 1)).at(-1);
  const isOpen = newest !== undefined && newest.manifest.finished === undefined;
  return isOpen ? newest.folder.path : undefined;
}
