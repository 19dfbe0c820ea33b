/** Before a load is observed: may we, is there something to see, and what will be missing? */

import type { Resource } from '../api/resources.ts';
import { checkObserveScope, type ObserveScopeCheck } from '../cluster/check-observe-scope.ts';
import { OBSERVED_KINDS } from '../observe/kinds.ts';
import { FOUND_GOALS } from '../record/found.ts';
import type { ClusterAccess } from './cluster-handle.ts';
import { EXIT } from '../core/exit-code.ts';
import { findingLines } from './preflight-table.ts';
import type { Session } from './session.ts';

/** Plurals of the kinds to look at; undefined where nobody can look, which has been told. */
export async function lookAround(
  session: Session,
  { client }: ClusterAccess,
  place: { readonly selector: string; readonly namespace: string | undefined },
): Promise<readonly string[] | undefined> {
  const resources = OBSERVED_KINDS.map(({ resource }) => resource);
  const check = await checkObserveScope(client, { ...place, resources });
  const why = findRefusal(check);
  if (why !== undefined) {
    session.screen.tell(`bench: ${why.found}`);
    session.screen.tell(`  -> ${why.remedy}`);
    session.finish(EXIT.usage);
    return undefined;
  }
  if (check.kind !== 'ready') return undefined;
  for (const line of findingLines(check.findings)) session.screen.tell(line);
  for (const { plural, kind } of check.missing) {
    session.screen.tell(`${plural} are not served there: nothing of kind ${kind} is measured`);
  }
  return check.served.map(({ plural }) => plural);
}

function findRefusal(check: ObserveScopeCheck) {
  if (check.kind === 'refused') return check.why;
  return check.served.some(isMeasured) ? undefined : NOTHING_SERVED;
}

function isMeasured({ kind }: Resource): boolean {
  return FOUND_GOALS[kind] !== undefined;
}

const NOTHING_SERVED = {
  found: 'neither DataVolumes nor VMIs nor snapshots are served there',
  remedy:
    'is it the right cluster? install KubeVirt and CDI (on OpenShift: OpenShift Virtualization)',
};
