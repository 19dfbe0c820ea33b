/** What a run created is removed once its figures are safe, and what `bench cleanup` finds. */

import { cleanUp, type CleanUpResult } from '../cluster/clean-up.ts';
import {
  findLeftovers,
  type Leftover,
  type LeftoverQuery,
  type Leftovers,
} from '../cluster/leftovers.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { recordedObjects } from '../record/recorded-objects.ts';
import type { ClusterAccess } from './cluster-handle.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from './session.ts';

/** Removes what the run of this folder created in these namespaces, as its history has it. */
export async function cleanUpRun(
  session: Session,
  access: ClusterAccess,
  folder: RunFolder,
  namespaces: readonly string[],
): Promise<void> {
  session.screen.tell('cleaning up');
  const query = { ...queryOfRun(folder), namespaces };
  await remove(session, access, query, await findLeftovers(access.client, query));
}

/** Leftovers of this run alone, and only what its history knows. */
export function queryOfRun(folder: RunFolder): LeftoverQuery {
  const recorded = recordedObjects(getFilePath(folder, 'history'));
  const isRecorded = ({ resource: { kind }, uid, name }: Leftover) =>
    kind === 'Namespace' || recorded.uids.has(uid) || recorded.unanswered.has(`${kind}/${name}`);
  return { runLabel: RUN_LABEL, run: folder.runId, isRecorded };
}

/** Removes, and tells what is still there; that is an error. */
export async function remove(
  session: Session,
  { client, clock }: ClusterAccess,
  query: LeftoverQuery,
  leftovers: Leftovers,
): Promise<void> {
  const { screen, host } = session;
  for (const stranger of leftovers.strangers) {
    screen.tell(`left alone, since the run did not create it: ${describe(stranger)}`);
  }
  // After a first signal the user has asked for this; a second one ends the process.
  const signal = host.interrupt.aborted ? new AbortController().signal : host.interrupt;
  const result = await cleanUp({ client, clock, signal, query, tell: screen.tell }, leftovers);
  for (const line of resultLines(result)) screen.tell(line);
  if (result.left.length > result.foreign.length) session.finish(EXIT.error);
}

export function describe({ resource, namespace, name, run }: Leftover): string {
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  return `${resource.kind} ${place} of run ${run}`;
}

export function tellLeftovers({ screen }: Session, runId: string): void {
  screen.tell(`what was created is still there; remove it with: bench cleanup ${runId}`);
}

function resultLines({ removed, left, volumes, foreign }: CleanUpResult): readonly string[] {
  return [
    `removed ${removed} objects and what they owned`,
    ...foreign.map((object) => `its namespace stays: ${object} lives there`),
    ...left.slice(0, 20).map((leftover) => `still there: ${describe(leftover)}`),
    ...(volumes.length > 0 ? [`${volumes.length} volumes are still being deleted`] : []),
    ...(left.length + volumes.length === 0 ? ['nothing is left'] : []),
  ];
}
