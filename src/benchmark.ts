/**
 * The story of a run, from what was asked to what was found:
 *
 * 1. plan: decide exactly what will happen, and when;
 * 2. record: open the history, the only thing that later stages will read;
 * 3. drive and observe: do it on time, see what the cluster makes of it, write down both;
 * 4. analyse: read the history back and compute figures with their doubt;
 * 5. report: write the figures beside the history.
 *
 * Steps 1 to 3 are `measure`, 4 and 5 `evaluate`: the folder alone gives the figures again. A load
 * that somebody else makes is not planned and not driven, only observed: `observe`.
 */

import { gatherFacts, type Summary, summarise } from './analyse/summary.ts';
import { type Drive, drive } from './drive/drive.ts';
import type { Lab } from './drive/lab.ts';
import { observeLoad, type ObserveScope } from './drive/observe-load.ts';
import type { Ending } from './drive/session.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Pseudonyms } from './record/pseudonyms.ts';
import { type Entry, HISTORY_SCHEMA, type Target } from './record/entry.ts';
import { getFilePath, type RunFolder } from './record/layout.ts';
import { OLD_MAKER } from './kube/maker.ts';
import { openRun } from './analyse/open-run.ts';
import { readManifest } from './record/manifest.ts';
import type { Run } from './record/run.ts';
import type { EntrySink } from './record/notebook.ts';
import { writeAtomic } from './core/write-atomic.ts';
import { withoutSecrets } from './record/without-secrets.ts';
import { openHistory } from './record/writer.ts';
import { writeCsv } from './report/csv/csv.ts';
import type { Scenario } from './scenario/scenario.ts';

/** A cluster to measure, and the time in which it lives. */
export interface Setting extends Omit<Lab, 'sink'> {
  /** The cluster outlives this process: the history has to be ahead of what is done. */
  readonly outlivesProcess?: boolean | undefined;
  /** Hides names in what is written down. */
  readonly pseudonyms?: Pseudonyms | undefined;
  readonly target: Target;
  readonly seed: number;
  /** Lets time pass until `main` is done; `describeWaits` names what it waits for. */
  during<T>(main: () => Promise<T>, describeWaits: () => string): Promise<T>;
}

export interface Measurement extends Ending {
  readonly history: { readonly entries: number; readonly bytes: number };
}

export interface Evaluation {
  readonly run: Run;
  readonly summary: Summary;
  /** The text of summary.json. */
  readonly text: string;
}

/** Performs the scenario; whatever happens, what was written so far stays in the folder. */
export function measure(
  scenario: Scenario,
  folder: RunFolder,
  setting: Setting,
): Promise<Measurement> {
  const plan = makePlan(scenario, { runId: folder.runId });
  let under: Drive | undefined;
  return recorded(
    { folder, setting, name: scenario.name },
    (lab) =>
      drive(plan, lab, (started) => {
        under = started;
      }),
    () => under?.describeWaits() ?? 'its start',
  );
}

/** Stands for the scenario of what is only observed. */
export const OBSERVED = 'observe';

/** Steps 2 and 3 alone, for a load that somebody else makes: nothing is planned, nothing driven. */
export function observe(
  scope: ObserveScope,
  folder: RunFolder,
  setting: Setting,
): Promise<Measurement> {
  const act = (lab: Lab) => observeLoad(scope, lab);
  const describeWaits = () => "somebody else's load";
  const maker = undefined;
  return recorded({ folder, setting: { ...setting, maker }, name: OBSERVED }, act, describeWaits);
}

interface Recording {
  readonly folder: RunFolder;
  readonly setting: Setting;
  /** Of the scenario. */
  readonly name: string;
}

async function recorded(
  { folder, setting, name: scenario }: Recording,
  act: (lab: Lab) => Promise<Ending>,
  describeWaits: () => string,
): Promise<Measurement> {
  const { target, seed } = setting;
  const history = openHistory(getFilePath(folder, 'history'), { ahead: setting.outlivesProcess });
  try {
    const names = { run: folder.runId, scenario };
    const maker = setting.past === undefined ? setting.maker : (setting.past.maker ?? OLD_MAKER);
    const header = { e: 'header', schema: HISTORY_SCHEMA, ...names, target, seed } as const;
    if (setting.past === undefined) history.write({ ...header, ...(maker && { maker }) });
    // A run whose history nobody can read any more is of no use.
    const signal = AbortSignal.any([history.failed, ...(setting.signal ? [setting.signal] : [])]);
    const lab = { ...setting, maker, sink: pseudonymised(history, setting), signal };
    const ending = await setting.during(() => act(lab), describeWaits);
    history.flush();
    history.failed.throwIfAborted();
    return { ...ending, history: { entries: history.entries, bytes: history.bytes } };
  } finally {
    history.close();
  }
}

/** What goes into the history: no password of an address, and names hidden where that was asked. */
function pseudonymised(history: EntrySink, { pseudonyms }: Setting): EntrySink {
  const shown = (entry: Entry) => withoutSecrets(pseudonyms?.entry(entry) ?? entry);
  return { write: (entry) => history.write(shown(entry)), flush: () => history.flush() };
}

/** Computes the figures of a recorded run, and writes summary.json. */
export function evaluate(folder: RunFolder): Evaluation {
  const run = openRun(getFilePath(folder, 'history'));
  const summary = summarise(run, gatherFacts(run, readManifest(getFilePath(folder, 'manifest'))));
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  writeAtomic(getFilePath(folder, 'summary'), text);
  return { run, summary, text };
}

/** Writes samples.csv, waves.csv and felt.csv. Of a big run they take longer than its figures. */
export function writeRows({ path }: RunFolder, { run, summary }: Evaluation): void {
  writeCsv(path, run, summary);
}
