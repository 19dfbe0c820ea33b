/** One measurement from its manifest to its tables and pages: what `run` and `resume` share. */

import { TransportError } from '../api/transport.ts';
import {
  type Evaluation,
  evaluate,
  type Measurement,
  writeRows,
  type Setting,
} from '../benchmark.ts';
import { explainDisk } from '../core/disk-trouble.ts';
import { ApiError } from '../kube/api-error.ts';
import { getFilePath, namedRun, type RunFolder } from '../record/layout.ts';
import { readEntries } from '../record/reader.ts';
import type { PastSessions } from '../record/past-sessions.ts';
import { renderTables } from '../report/terminal.ts';
import { EXIT, type ExitCode, foremost } from '../core/exit-code.ts';
import type { OpenManifest } from './open-manifest.ts';
import { startOwnCost } from './own-cost.ts';
import { createProgress, type ProgressMode } from './progress.ts';
import { reportsBeside, writtenPages } from './pages.ts';
import type { Session } from './session.ts';
import type { OpenedTarget } from './setting.ts';

export interface ShowArguments {
  readonly results: string;
  readonly progress: ProgressMode;
  readonly json: boolean;
  readonly report: boolean;
  readonly verbose: boolean;
  readonly reports: string | undefined;
}

export interface Performance {
  readonly start: (setting: Setting) => Promise<Measurement>;
  readonly folder: RunFolder;
  readonly target: OpenedTarget;
  readonly manifest: OpenManifest;
  /** Of a run that is taken up again. */
  readonly past?: PastSessions | undefined;
}

/** The measurement; undefined where it failed in a way that has been told. */
export async function perform(
  session: Session,
  args: Pick<ShowArguments, 'progress'>,
  { start, folder, target, manifest, past }: Performance,
): Promise<Measurement | undefined> {
  const { host, screen } = session;
  const { access } = target;
  const progress = createProgress(args.progress, screen, () => host.clock.nowUs());
  const before = { ...access?.transport.counts };
  const ownCost = access && startOwnCost();
  try {
    const onWarning = (text: string) => screen.tell(text);
    const over = { past, onProgress: progress.listen, onWarning, signal: host.interrupt };
    const measurement = await start({ ...target.open(), ...over });
    progress.finish();
    const { requests = 0, connections = 0 } = before;
    const traffic = access && {
      requests: access.transport.counts.requests - requests,
      connections: access.transport.counts.connections - connections,
      watchRequests: measurement.watchCost?.requests ?? 0,
      watchConnections: measurement.watchCost?.connections ?? 0,
    };
    const cost = ownCost?.(measurement.watchCost?.loopLagUs);
    manifest.finish({ ...measurement, traffic, cost });
    return measurement;
  } catch (error) {
    progress.finish();
    const reason = error instanceof Error ? error.message : String(error);
    try {
      manifest.finish({ outcome: 'crashed', reason });
    } catch (full) {
      // The disk that kept the history from being written keeps the manifest from it too.
      if (explainDisk(full) === undefined) throw full;
    }
    tellFailure(session, folder, target.seed, error);
    if (access) tellLeftBehind(session, folder);
    return undefined;
  }
}

/** What was sent may be there, whether it was answered or not. */
function tellLeftBehind(session: Session, folder: RunFolder): void {
  if (!mayHaveMade(folder)) return;
  const run = namedRun(folder);
  session.screen.tell(`the run made objects, which may still be there; go on: bench resume ${run}`);
  session.screen.tell(`or remove them: bench cleanup ${run}`);
  session.finish(EXIT.error);
}

function mayHaveMade(folder: RunFolder): boolean {
  try {
    for (const entry of readEntries(getFilePath(folder, 'history'), () => {})) {
      if (entry.e === 'send' || entry.e === 'made') return true;
    }
    return false;
  } catch {
    return false;
  }
}

/** A cluster that says no at the start is the user's to mend; anything else is a defect of ours. */
function tellFailure(session: Session, folder: RunFolder, seed: number, error: unknown): void {
  const { screen } = session;
  const disk = explainDisk(error);
  if (disk !== undefined) {
    screen.tell(`bench: ${disk}; what was written before is kept in ${folder.path}`);
    return session.finish(EXIT.error);
  }
  if (error instanceof ApiError || error instanceof TransportError) {
    screen.tell(`bench: the run could not be prepared: ${error.message}`);
    return session.finish(
      error instanceof ApiError && !mayHaveMade(folder) ? EXIT.usage : EXIT.error,
    );
  }
  screen.tell(`bench: defect in run ${folder.runId}, seed ${seed}:`);
  screen.tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  screen.tell(`the history up to here: ${getFilePath(folder, 'history')}`);
  return session.finish(EXIT.error);
}

/** Says how the measurement ended, and shows what came out; undefined where nothing could. */
export async function conclude(
  session: Session,
  args: ShowArguments,
  { folder, target }: Pick<Performance, 'folder'> & { readonly target: { readonly seed: number } },
  measurement: Measurement,
): Promise<Evaluation | undefined> {
  const codes = listExitCodes(session, measurement);
  session.finish(...codes);
  const { outcome, reason } = measurement;
  if (reason !== undefined) session.screen.tell(`${outcome}: ${reason}`);
  return report(session, args, { folder, seed: target.seed, codes });
}

interface Concluded {
  readonly folder: RunFolder;
  readonly seed: number;
  /** What the shell is to be told of the measurement. */
  readonly codes: readonly ExitCode[];
}

/**
 * Computes the figures, and shows and writes them as asked: what is quick first, for whoever has
 * interrupted a big run and waits.
 */
async function report(
  session: Session,
  args: ShowArguments,
  { folder, seed, codes }: Concluded,
): Promise<Evaluation | undefined> {
  const { screen } = session;
  try {
    const evaluation = evaluate(folder);
    const invalid = evaluation.summary.validity.valid ? [] : [EXIT.invalid];
    session.finish(...invalid);
    if (args.json) screen.print(evaluation.text);
    else screen.print(tables(session, args, evaluation, foremost([...codes, ...invalid])));
    if (session.host.interrupt.aborted) {
      await writePages(session, args, folder, evaluation);
      writeRows(folder, evaluation);
    } else {
      writeRows(folder, evaluation);
      await writePages(session, args, folder, evaluation);
    }
    return evaluation;
  } catch (error) {
    tellFailure(session, folder, seed, error);
    if (explainDisk(error) !== undefined) {
      screen.tell(`the history is whole; once there is room: bench report ${namedRun(folder)}`);
    }
    return undefined;
  }
}

async function writePages(
  { screen, host }: Session,
  args: ShowArguments,
  folder: RunFolder,
  evaluation: Evaluation,
): Promise<void> {
  if (!args.report) return;
  if (host.interrupt.aborted) {
    screen.tell('the figures are written; the page follows, unless you interrupt once more');
  }
  const reports = args.reports ?? reportsBeside(args.results);
  const pages = await writtenPages([{ folder, ...evaluation }], reports);
  for (const page of pages) screen.tell(`report: ${page}`);
}

function tables(
  { screen }: Session,
  { verbose }: Pick<ShowArguments, 'verbose'>,
  { summary }: Evaluation,
  exitCode: ExitCode,
): string {
  const { out } = screen;
  const style = { width: out.columns, color: screen.colorOn(out) };
  return renderTables(summary, { ...style, verbose, exitCode });
}

function listExitCodes(session: Session, { outcome, lost }: Measurement): readonly ExitCode[] {
  return [
    ...(outcome === 'complete' ? [] : [EXIT.incomplete]),
    ...(lost ? [EXIT.error] : []),
    ...interruptionCodes(session),
  ];
}

/** What the shell is told after a signal; nothing without one. */
export function interruptionCodes({ host: { interrupt } }: Session): readonly ExitCode[] {
  if (!interrupt.aborted) return [];
  return [interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted];
}
