/**
 * `bench resume RUN`: goes on with a run whose harness was killed or interrupted. On a real cluster
 * it adopts what is there; a run on the embedded cluster, which vanished with the process, is made
 * again from its seed and comes out the same.
 */

import type { CommandBody } from './command-body.ts';
import { existsSync, rmSync, statSync } from 'node:fs';
import type { Argv } from 'yargs';
import { NAMESPACES } from '../api/resources.ts';
import { measure, type Setting } from '../benchmark.ts';
import { find } from '../cluster/check.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { summarisePlan } from '../plan/summary.ts';
import { findRun, getFilePath, namedRun, type RunFolder } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import type { EndEntry } from '../record/entry.ts';
import { type PastSessions, pastSessions } from '../record/past-sessions.ts';
import { readEntries } from '../record/reader.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { cleanUpRun, tellLeftovers } from '../run/clean-up-run.ts';
import { withAccess } from './cluster-access.ts';
import type { ClusterAccess } from '../run/cluster-handle.ts';
import {
  type ConnectionArguments,
  connectionChoice,
  connectionOptions,
  checkPrometheus,
  type RealRunArguments,
  realRunOptions,
  realRunTarget,
} from './connection-options.ts';
import { listNamespaces } from '../run/demand.ts';
import { reopenManifest } from '../run/open-manifest.ts';
import { checkExternal } from '../run/run-external.ts';
import { restoreScenario } from '../run/recorded-scenario.ts';
import { refuseForeign } from '../run/same-cluster.ts';
import { conclude, interruptionCodes, perform, type ShowArguments } from '../run/perform-run.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from '../run/session.ts';
import { RUN, showOptions } from './shared-options.ts';

interface ResumeArguments extends ConnectionArguments, RealRunArguments, ShowArguments {
  readonly run: string;
}

export function resumeCommand(session: Session): CommandBody<ResumeArguments> {
  return {
    builder: options,
    handler: (args) => resumeRun(session, args),
  };
}

function options(yargs: Argv): Argv {
  const own = realRunOptions(showOptions(yargs).positional('run', RUN));
  return connectionOptions(own)
    .example('$0 resume latest', 'go on with the newest run, after a crash or a Ctrl-C')
    .epilogue('The cluster is the one of the run, unless named anew.');
}

interface Interrupted {
  readonly folder: RunFolder;
  readonly manifest: Manifest;
  readonly scenario: Scenario;
}

/** Goes on with a run that was cut off. */
export async function resumeRun(session: Session, args: ResumeArguments): Promise<void> {
  const run = openInterrupted(session, args);
  const choice = connectionChoice(args) ?? run.manifest.connection;
  checkPrometheus(args.prometheus, choice);
  const { allowExec } = args;
  checkExternal(run.scenario, { allowExec, isEmbedded: choice === undefined });
  if (choice === undefined) return replay(session, args, run);
  await withAccess(session, choice, (access) => goOn(session, args, run, access));
}

function openInterrupted(session: Session, { run, results }: ResumeArguments): Interrupted {
  const found = findRun(results, run);
  if (found.kind !== 'found') throw new UsageError(found.message);
  const { folder } = found;
  session.hold(folder);
  const manifest = readManifest(getFilePath(folder, 'manifest'));
  if (manifest === undefined || !isWhole(manifest)) {
    throw new UsageError(`${folder.path} has no manifest to go by`);
  }
  if (manifest.lookout !== undefined) {
    throw new UsageError(
      `run ${folder.runId} observed a load of others: there is nothing to go on with`,
    );
  }
  return { folder, manifest, scenario: restoreScenario(manifest) };
}

/** Of a manifest that somebody else wrote, what is needed here may be missing. */
function isWhole({ scenario: { text, path }, seed }: Partial<Manifest> & Manifest): boolean {
  const [words, number]: readonly [readonly unknown[], unknown] = [[text, path], seed];
  return words.every((word) => typeof word === 'string') && typeof number === 'number';
}

/** The same seed gives the same history: it is written anew, and goes on where it was cut off. */
async function replay(
  session: Session,
  args: ResumeArguments,
  { folder, manifest, scenario }: Interrupted,
): Promise<void> {
  if (manifest.finished?.outcome === 'complete') throw nothingToDo(folder, 'complete');
  const target = await session.openTarget(scenario, { seed: manifest.seed });
  session.screen.tell(`run ${folder.runId}, from its seed: ${target.description}`);
  rmSync(getFilePath(folder, 'history'));
  const opened = reopenManifest(session.host, folder, manifest);
  const start = (setting: Setting) => measure(scenario, folder, setting);
  await measureAgain(session, args, { start, folder, target, manifest: opened });
}

async function goOn(
  session: Session,
  args: ResumeArguments,
  { folder, manifest, scenario }: Interrupted,
  access: ClusterAccess,
): Promise<void> {
  const history = getFilePath(folder, 'history');
  const past = pastSessions(() => readEntries(history, () => {}), access.clock.wallUs());
  const plan = makePlan(scenario, { runId: folder.runId });
  refuseHeadless(folder, past);
  const removal = { namespaces: listNamespaces(plan), timeoutUs: args.cleanupTimeout };
  const end = isOver(plan, past) ? past.end : undefined;
  if (end !== undefined || manifest.cleaned !== undefined) {
    const isConcluded = refuseWhole({ folder, manifest }, end, args.keep);
    await refuseForeign(access, manifest);
    session.screen.tell(`run ${folder.runId} goes on: what its end was to do is left`);
    if (!isConcluded) await concludeAgain(session, args, { folder, manifest, past });
    if (args.keep) tellLeftovers(session, folder);
    else await cleanUpRun(session, access, folder, removal);
    return session.finish(...interruptionCodes(session));
  }
  await refuseForeign(access, manifest);
  const isGone = past.sent > 0 && (await isEmptied(access, plan, scenario.namespace !== undefined));
  if (isGone) {
    // Somebody was faster, or a clean-up was cut off before that was noted.
    if (manifest.removes && !args.keep) await cleanUpRun(session, access, folder, removal);
    throw new UsageError(`what run ${folder.runId} had created is gone: run the scenario anew`);
  }
  const target = await session.openTarget(scenario, {
    seed: manifest.seed,
    access,
    ...realRunTarget(args),
  });
  session.screen.tell(`run ${folder.runId} goes on: ${target.description}`);
  const opened = reopenManifest(session.host, folder, manifest, args.keep ? undefined : true);
  // Killed before anything was sent: its history begins now, as that of a run that is new.
  const isNew = past.sessions === 0;
  if (isNew) rmSync(history);
  const ended = await measureAgain(session, args, {
    start: (setting) => measure(scenario, folder, setting),
    folder,
    target,
    manifest: opened,
    ...(isNew ? {} : { past }),
  });
  if (ended === undefined) return;
  if (args.keep || ended.lost) return tellLeftovers(session, folder);
  await cleanUpRun(session, access, folder, removal);
  session.finish(...interruptionCodes(session));
}

/** Whether there are figures, of a run that has ended; UsageError where all else is done too. */
function refuseWhole(
  { folder, manifest }: Pick<Interrupted, 'folder' | 'manifest'>,
  end: EndEntry | undefined,
  keep: boolean,
): boolean {
  const { finished, removes, cleaned, removed } = manifest;
  const hasFigures = finished !== undefined && existsSync(getFilePath(folder, 'summary'));
  // Without an end the run is made anew, and its figures are of no use.
  const isConcluded = hasFigures || end === undefined;
  const isLeft = (removes || cleaned !== undefined) && removed === undefined && !keep;
  if (isLeft || !isConcluded) return isConcluded;
  if (end !== undefined) throw nothingToDo(folder, end.outcome);
  throw new UsageError(
    `what run ${folder.runId} had created was removed at ${cleaned}: run the scenario anew`,
  );
}

/** The figures of a run that was killed before it had them, or before it could say so. */
async function concludeAgain(
  session: Session,
  args: ResumeArguments,
  {
    folder,
    manifest,
    past,
  }: Pick<Interrupted, 'folder' | 'manifest'> & { readonly past: PastSessions },
): Promise<void> {
  const { outcome, reason } = past.end as EndEntry;
  const { size: bytes } = statSync(getFilePath(folder, 'history'));
  let entries = 0;
  // One at a time: of 100,000 VMs they are more than fit into memory.
  for (const _ of past.entries()) entries += 1;
  const history = { entries, bytes };
  const measurement = { outcome, ...(reason === undefined ? {} : { reason }), history };
  const removes = args.keep ? undefined : true;
  reopenManifest(session.host, folder, manifest, removes).finish(measurement);
  await conclude(session, args, { folder, target: manifest }, measurement);
  session.screen.tell(`results: ${folder.path}`);
}

async function measureAgain(
  session: Session,
  args: ResumeArguments,
  performance: Parameters<typeof perform>[2],
) {
  const measurement = await perform(session, args, performance);
  if (measurement === undefined) return undefined;
  await conclude(session, args, performance, measurement);
  session.screen.tell(`results: ${performance.folder.path}`);
  return measurement;
}

/** Nothing is left to measure. */
function isOver(plan: Plan, { end, sent, cutOff }: PastSessions): boolean {
  const isOpen = cutOff > 0 || sent < summarisePlan(plan).operations;
  return end !== undefined && !(end.outcome === 'partial' && isOpen);
}

/** Whatever it went on to measure, no figures could be made of it. */
function refuseHeadless(folder: RunFolder, { sessions, hasHeader }: PastSessions): void {
  if (sessions === 0 || hasHeader) return;
  throw new UsageError(
    `${getFilePath(folder, 'history')}: does not start with a header entry: run the scenario ` +
      `anew; what the run left on a cluster: bench cleanup ${namedRun(folder)}`,
  );
}

function nothingToDo(folder: RunFolder, outcome: string): UsageError {
  const run = namedRun(folder);
  return new UsageError(
    `run ${folder.runId} came to its end (${outcome}): there is nothing to resume; ` +
      `its figures: bench report ${run}; what it left on a cluster: bench cleanup ${run}`,
  );
}

/** A run that has been cleaned up cannot go on; its own namespace was the last to go. */
async function isEmptied(
  { client }: ClusterAccess,
  { namespace, runId }: Plan,
  isLent: boolean,
): Promise<boolean> {
  const found = await find(client, NAMESPACES, { name: namespace });
  const isGone = found === undefined || found.metadata.deletionTimestamp !== undefined;
  const isOurs = isLent || found?.metadata.labels?.[RUN_LABEL] === runId;
  return isGone || !isOurs;
}
