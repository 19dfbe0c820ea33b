/**
 * The nightly verdict, carried out: reads the run and the history, has them judged, adds the night,
 * and writes the verdict wherever it was asked for. Used by `bench gate` and by `bench run --gate`.
 */

import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { fileTrouble } from '../core/disk-trouble.ts';
import { writeOutput } from '../core/write-atomic.ts';
import { dirname, join } from 'node:path';
import { type DetectorName, DETECTORS } from '../compare/change-points/detectors.ts';
import { carryOn } from '../compare/history/carry-on.ts';
import { makeNight } from '../compare/history/make-night.ts';
import { nightsBefore } from '../compare/history/night.ts';
import { appendNight, type History, readHistory } from '../compare/history/store.ts';
import {
  type Acknowledgement,
  parseAcknowledgements,
} from '../compare/nightly/acknowledgements.ts';
import { LATENCY_TOLERANCE } from '../compare/nightly/gated-series.ts';
import { judgeNight, unplacedNight } from '../compare/nightly/judge-night.ts';
import type { NightlyVerdict } from '../compare/nightly/verdict.ts';
import { rfc3339Micro } from '../core/time-text.ts';
import { makeFolders } from '../record/folders.ts';
import { listRuns, type RunFolder } from '../record/layout.ts';
import { githubAnnotations } from '../report/nightly/github.ts';
import { verdictJunit } from '../report/nightly/junit.ts';
import { verdictMarkdown } from '../report/nightly/markdown.ts';
import { renderVerdict } from '../report/nightly/terminal-verdict.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { type MeasuredRun, readMeasuredRun } from './measured-run.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Session } from './session.ts';

export interface GateArguments {
  readonly history: string;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly newSeries?: boolean | undefined;
  readonly ack: string | undefined;
  readonly junit: string | undefined;
  readonly markdown: string | undefined;
  readonly github: boolean;
  readonly minChange: number | undefined;
  readonly minSeconds: number | undefined;
  readonly detector: DetectorName;
}

/**
 * Where the verdict goes on the console: JSON or words on stdout, or words beside other results.
 */
export type GateOutput = 'words' | 'json' | 'aside';

/** What can be mended before a run has to be mended before it. */
export function checkGate({ history, ack }: Partial<GateArguments>): void {
  if (history === undefined) {
    throw new UsageError('--gate needs the folder of the nights before: --history DIR');
  }
  readAcknowledgements(ack);
  try {
    makeFolders(history);
    accessSync(ownFolder(history), constants.R_OK | constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot write to the history ${history}: ${fileTrouble(error)}`);
  }
}

/**
 * Judges a run that was just made, and tells the verdict: what is wrong now must not keep it from
 * being cleaned up. A suspicion that more runs are to decide is given back, and told later.
 */
export function gateAfterRun(
  session: Session,
  folder: RunFolder,
  args: GateArguments & { readonly json: boolean; readonly confirm: number },
): NightlyVerdict | undefined {
  try {
    const verdict = judgeRun(session, folder, args);
    if (verdict?.verdict === 'suspect' && args.confirm > 0) return verdict;
    if (verdict !== undefined) {
      tellVerdict(session, folder, args, verdict, args.json ? 'aside' : 'words');
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    session.screen.tell(`bench: ${error.message}`);
    session.finish(EXIT.error);
  }
  return undefined;
}

/**
 * The verdict, the night added where it may be; undefined where it was told that there is none. Of
 * the history only what was before run `insteadOf` counts, where that stands in it.
 */
export function judgeRun(
  session: Session,
  folder: RunFolder,
  args: GateArguments,
  insteadOf?: string,
): NightlyVerdict | undefined {
  const acknowledgements = readAcknowledgements(args.ack);
  const read = readMeasuredRun(folder);
  if (read.kind === 'unreadable') {
    session.screen.tell(`no verdict: ${read.message}`);
    session.finish(EXIT.invalid);
    return undefined;
  }
  openOutputs(folder, args);
  return judge(session, read.measured, args, { acknowledgements, insteadOf });
}

/** Writes and shows the verdict, and reports the exit code to the session. */
export function tellVerdict(
  session: Session,
  folder: RunFolder,
  args: GateArguments,
  verdict: NightlyVerdict,
  output: GateOutput,
): void {
  // The night is in the history by now: whatever disk is full, the verdict is told.
  show(session, verdict, output);
  session.finish(verdict.exitCode as ExitCode);
  writeOutputs(session, folder, args, verdict);
}

interface Beside {
  readonly acknowledgements: readonly Acknowledgement[];
  readonly insteadOf: string | undefined;
}

function judge(
  session: Session,
  { summary, manifest, run }: MeasuredRun,
  args: GateArguments,
  { acknowledgements, insteadOf }: Beside,
): NightlyVerdict {
  if (manifest === undefined) {
    return unplacedNight(summary, [
      'the run has no manifest.json that can be read: which scenario, and where?',
    ]);
  }
  const added = rfc3339Micro(session.host.clock.wallUs());
  const made = makeNight({ summary, manifest, run, added });
  if (made.kind === 'unknown') return unplacedNight(summary, made.problems);
  const stored = readHistory(ownFolder(args.history));
  const others = nightsBefore(stored.nights, insteadOf);
  const history = carryOn({ ...stored, nights: others }, made.night);
  tellEmptyHistory(session, args, history);
  const { dryRun, strict, newSeries } = args;
  const detector = DETECTORS[args.detector];
  const options = { dryRun, strict, newSeries, tolerance: readTolerance(args), detector };
  const facts = { tonight: made.night, summary, manifest, history, acknowledgements, options };
  const verdict = judgeNight(facts);
  if (!verdict.history.added) return verdict;
  const appended = appendNight(args.history, made.night);
  switch (appended.kind) {
    case 'added':
      return verdict;
    case 'present': {
      // It was added before, by us or by somebody who was quicker: a night counts once.
      const now = carryOn(readHistory(args.history), made.night);
      const again = judgeNight({ ...facts, history: now });
      return { ...again, history: { ...again.history, added: false } };
    }
    case 'unwritable':
      throw new UsageError(`cannot write to the history ${args.history}: ${appended.message}`);
  }
}

/** A mistyped folder would be an empty history, and every night its first. */
function tellEmptyHistory(session: Session, args: GateArguments, history: History): void {
  if (history.nights.length > 0) return;
  const what = history.exists ? 'holds no night' : 'does not exist';
  const remedy = args.dryRun
    ? 'is the name right?'
    : 'it begins with this one, if the name is right';
  session.screen.tell(
    `bench: --history ${args.history} ${what}: nothing to compare with; ${remedy}`,
  );
}

/** A folder of results is no history, though both hold JSON; and a file is none. */
function ownFolder(history: string): string {
  if (existsSync(history) && !statSync(history).isDirectory()) {
    throw new UsageError(`--history ${history} is a file: give the nights a folder of their own`);
  }
  if (listRuns(history).length === 0) return history;
  throw new UsageError(`--history ${history} holds runs: give the nights a folder of their own`);
}

function readTolerance({ minChange, minSeconds }: GateArguments) {
  return {
    minMagnitude: minChange === undefined ? LATENCY_TOLERANCE.minMagnitude : minChange / 100,
    minDifference: minSeconds ?? LATENCY_TOLERANCE.minDifference,
  };
}

function readAcknowledgements(file: string | undefined): readonly Acknowledgement[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read --ack ${file}: ${fileTrouble(error)}`);
  }
  const parsed = parseAcknowledgements(text, file);
  if (parsed.kind === 'broken') throw new UsageError(`--ack: ${parsed.problems.join('; ')}`);
  return parsed.entries;
}

function writeOutputs(
  session: Session,
  folder: RunFolder,
  args: GateArguments,
  verdict: NightlyVerdict,
): void {
  const { junit, markdown, github, dryRun } = args;
  if (!dryRun) writeText(join(folder.path, 'verdict.json'), verdictJson(verdict));
  if (junit !== undefined) writeText(junit, verdictJunit(verdict));
  if (markdown !== undefined) writeText(markdown, verdictMarkdown(verdict));
  if (!github) return;
  // The runner reads both streams; stdout may hold a result.
  for (const line of githubAnnotations(verdict)) session.screen.command(line);
  const summary = session.host.env['GITHUB_STEP_SUMMARY'];
  if (summary) attempt(summary, () => appendFileSync(summary, verdictMarkdown(verdict)));
}

function show({ screen }: Session, verdict: NightlyVerdict, output: GateOutput): void {
  const stream = output === 'aside' ? screen.err : screen.out;
  const color = output === 'words' && screen.colorOn(stream);
  const style = { width: stream.columns, color };
  switch (output) {
    case 'json':
      return screen.print(verdictJson(verdict));
    case 'words':
      return screen.print(renderVerdict(verdict, style));
    case 'aside':
      return screen.tell(renderVerdict(verdict, style).trimEnd());
  }
}

function verdictJson(verdict: NightlyVerdict): string {
  return `${JSON.stringify(verdict, undefined, 2)}\n`;
}

/** What cannot be written is told before the night is added. */
function openOutputs(
  folder: RunFolder,
  { junit, markdown, dryRun }: Pick<GateArguments, 'junit' | 'markdown' | 'dryRun'>,
): void {
  // Beside the run, which may be kept where nothing can be written any more.
  if (!dryRun) {
    const verdict = join(folder.path, 'verdict.json');
    attempt(verdict, () => accessSync(folder.path, constants.W_OK));
  }
  for (const path of [junit, markdown]) {
    if (path !== undefined) attempt(path, () => closeSync(openSync(path, 'a')));
  }
}

function writeText(path: string, text: string): void {
  attempt(path, () => writeOutput(path, text));
}

function attempt(path: string, write: () => void): void {
  try {
    makeFolders(dirname(path));
    write();
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${fileTrouble(error)}`);
  }
}
