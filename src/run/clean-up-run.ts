/** What a run created is removed once its figures are safe, and what `bench cleanup` finds. */

import { isAborted } from '../api/transport.ts';
import { cleanUp, type CleanUpResult } from '../cluster/clean-up.ts';
import { fileTrouble } from '../core/disk-trouble.ts';
import { rfc3339 } from '../core/time-text.ts';
import { readManifest, writeManifest } from '../record/manifest.ts';
import { explainFailure } from '../cluster/explain-failure.ts';
import {
  findLeftovers,
  type Leftover,
  type LeftoverQuery,
  type Leftovers,
} from '../cluster/leftovers.ts';
import type { KubeClient } from '../kube/client.ts';
import { isMadeBy, OLD_MAKER } from '../kube/maker.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { getFilePath, namedRun, type RunFolder } from '../record/layout.ts';
import { recordedObjects } from '../record/recorded-objects.ts';
import type { ClusterAccess } from './cluster-handle.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from './session.ts';

/**
 * Removes what the run of this folder created in these namespaces, as its history has it. A server
 * that fails on the way is told of with what remains: objects were made, so that it is no usage.
 */
export async function cleanUpRun(
  session: Session,
  access: ClusterAccess,
  folder: RunFolder,
  { namespaces, timeoutUs }: { readonly namespaces: readonly string[] } & CleanUpLimits,
): Promise<void> {
  const { screen, host } = session;
  screen.tell('cleaning up');
  const query = { ...queryOfRun(folder), namespaces };
  const client = access.clientUntil(untilInterrupted(host), host.interrupt.aborted);
  try {
    const leftovers = await findLeftovers(client, query);
    noteRemoval(session, folder, 'cleaned');
    const left = await remove(session, access, { query, leftovers, timeoutUs, client });
    if (!left.has(folder.runId)) noteRemoval(session, folder, 'removed');
  } catch (error) {
    const explanation = explainFailure(error, access.connection.server);
    if (explanation === undefined) throw error;
    if (isAborted(error)) {
      screen.tell('bench: the clean-up was interrupted');
    } else {
      screen.tell(`bench: the clean-up broke off: ${explanation.found}`);
      screen.tell(`  -> ${explanation.remedy}`);
    }
    tellLeftovers(session, folder);
    session.finish(EXIT.error);
  }
}

/**
 * Once `cleaned`, no measurement can go on: what it would go on with is on its way out. What is
 * not yet `removed` then, or was to be, is removed by whoever takes the run up again.
 */
export function noteRemoval(
  { host, screen }: Session,
  folder: RunFolder,
  what: 'cleaned' | 'removed',
): void {
  const path = getFilePath(folder, 'manifest');
  const manifest = readManifest(path);
  if (manifest === undefined) return;
  try {
    writeManifest(path, { ...manifest, [what]: rfc3339(host.clock.wallUs()) });
  } catch (error) {
    screen.tell(`the clean-up is not noted: ${fileTrouble(error)}`);
  }
}

export interface RunQuery extends LeftoverQuery {
  /** Whether the run's history knows the UID as one of its own. */
  readonly isRecorded?: (uid: string) => boolean;
}

/** Leftovers of this run alone: what its history knows, and what was made under its own name. */
export function queryOfRun(folder: RunFolder): RunQuery {
  const { uids, unanswered, kinds, maker } = recordedObjects(getFilePath(folder, 'history'));
  const isMade = ({ resource: { kind }, uid, name, metadata }: Leftover) => {
    if (uids.has(uid)) return true;
    if (maker !== undefined) return isMadeBy(metadata, maker);
    // Of before each run had a name of its own: the program's, and a creation without an answer.
    return unanswered.has(`${kind}/${name}`) && isMadeBy(metadata, OLD_MAKER);
  };
  return {
    runLabel: RUN_LABEL,
    run: folder.runId,
    kinds: kinds.map(({ k: kind, group, version, plural, namespaced }) => {
      return { group, version, plural, kind, namespaced };
    }),
    isMade,
    isRecorded: (uid) => uids.has(uid),
  };
}

/** After this long without progress the clean-up gives up; its own default where undefined. */
export interface CleanUpLimits {
  readonly timeoutUs: number | undefined;
}

interface Removal extends CleanUpLimits {
  readonly client: KubeClient;
  readonly query: RunQuery;
  readonly leftovers: Leftovers;
}

/** Removes, and tells what is still there; that is an error. Answers the runs it is of. */
export async function remove(
  session: Session,
  access: ClusterAccess,
  { query, leftovers, timeoutUs, client }: Removal,
): Promise<ReadonlySet<string>> {
  const { screen, host } = session;
  for (const stranger of leftovers.strangers) {
    screen.tell(strangerText(stranger));
  }
  const signal = untilInterrupted(host);
  const { clock } = access;
  const { isRecorded } = query;
  const isHurried = host.interrupt.aborted;
  const lab = { client, clock, signal, query, isRecorded, isHurried, timeoutUs, tell: screen.tell };
  const result = await cleanUp(lab, leftovers);
  for (const line of resultLines(result)) screen.tell(line);
  const runs = new Set(result.left.map(({ run }) => run));
  if (runs.size === 0) return runs;
  screen.tell(
    `exit code 1: ${countLeft(result)}; once what holds it is gone, remove the rest with:`,
  );
  for (const run of [...runs].slice(0, 5)) screen.tell(`  bench cleanup ${run}`);
  session.finish(EXIT.error);
  return runs;
}

/** After a first signal the user has asked for this; a second one ends the process. */
function untilInterrupted({ interrupt }: Session['host']): AbortSignal {
  return interrupt.aborted ? new AbortController().signal : interrupt;
}

/** For each object that carries the label and that nothing proves to be the run's. */
export function strangerText(stranger: Leftover): string {
  const { resource, namespace, name } = stranger;
  const place = [resource.kind, namespace, name].filter(Boolean).join('/');
  const what = `left alone, since the run did not create it: ${describe(stranger)}`;
  return `${what} (to delete it all the same: --also ${place})`;
}

export function describe({ resource, namespace, name, run }: Leftover): string {
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  return `${resource.kind} ${place} of run ${run}`;
}

export function tellLeftovers({ screen }: Session, folder: RunFolder): void {
  const run = namedRun(folder);
  screen.tell(`what was created is still there; remove it with: bench cleanup ${run}`);
}

function resultLines(result: CleanUpResult): readonly string[] {
  const { removed, left, held, volumes, kept, unseen } = result;
  return [
    `removed ${removed} objects and what they owned`,
    ...[...kept.values()].map(keptText),
    ...(unseen.length > 0 ? [`could not look for in its namespace: ${unseen.join(', ')}`] : []),
    ...left.slice(0, 20).map((leftover) => `still there: ${describe(leftover)}`),
    ...held,
    ...(volumes.length > 0 ? [`${volumes.length} volumes are still being deleted`] : []),
    ...(left.length + volumes.length + kept.size === 0 ? ['nothing is left'] : []),
  ];
}

function countLeft({ left }: CleanUpResult): string {
  return left.length === 1 ? '1 object is still there' : `${left.length} objects are still there`;
}

function keptText(objects: readonly string[]): string {
  const named = objects.slice(0, 5).join(', ');
  const rest = objects.length > 5 ? ` and ${objects.length - 5} more` : '';
  return objects.length === 1
    ? `its namespace stays: ${named} lives there`
    : `its namespace stays: ${named}${rest} live there`;
}
