/** The run of a scenario that was cut off on a cluster: to be gone on with, not begun anew. */

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
  const runs = listRuns(results).flatMap((folder) => {
    const manifest = readManifest(getFilePath(folder, 'manifest'));
    const isOfIt =
      folder.scenario === name &&
      manifest?.scenario.text === origin.text &&
      sameJson(manifest.scenario.overrides, origin.overrides) &&
      sameJson(manifest.connection, choice);
    return isOfIt ? [{ folder, manifest }] : [];
  });
  const newest = runs.toSorted((a, b) => (a.manifest.started < b.manifest.started ? -1 : 1)).at(-1);
  const isOpen = newest !== undefined && newest.manifest.finished === undefined;
  return isOpen ? newest.folder.path : undefined;
}
