/**
 * A run's folder as later commands take it: the summary that was written, or computed again where
 * it is not there or torn, with the manifest and, where it can be read, the history.
 */

import { existsSync, readFileSync } from 'node:fs';
import { gatherFacts, type Summary, summarise } from '../analyse/summary.ts';
import { parseSummary, soundManifest } from '../compare/history/read-summary.ts';
import { getFilePath, type RunFolder } from '../record/layout.ts';
import { type Manifest, readManifest } from '../record/manifest.ts';
import { openRun } from '../analyse/open-run.ts';
import type { Run } from '../record/run.ts';

export interface MeasuredRun {
  readonly folder: RunFolder;
  readonly summary: Summary;
  readonly manifest: Manifest | undefined;
  /** Undefined where the history is not there, or no history. */
  readonly run: Run | undefined;
}

export type ReadMeasuredRun =
  | { readonly kind: 'read'; readonly measured: MeasuredRun }
  | { readonly kind: 'unreadable'; readonly message: string };

export function readMeasuredRun(folder: RunFolder): ReadMeasuredRun {
  const history = tryReadHistory(folder);
  const run = typeof history === 'string' ? undefined : history;
  const manifest = soundManifest(readManifest(getFilePath(folder, 'manifest')));
  const summary =
    readSummary(folder) ??
    (run === undefined ? undefined : summarise(run, gatherFacts(run, manifest)));
  if (summary === undefined) {
    const message = typeof history === 'string' ? history : 'it has no summary';
    return { kind: 'unreadable', message: `run ${folder.runId} cannot be read: ${message}` };
  }
  return { kind: 'read', measured: { folder, summary, manifest, run } };
}

/** The run, or why there is none. */
function tryReadHistory(folder: RunFolder): Run | string {
  const path = getFilePath(folder, 'history');
  if (!existsSync(path)) return `${path} does not exist`;
  try {
    return openRun(path);
  } catch (error) {
    return (error as Error).message;
  }
}

function readSummary(folder: RunFolder): Summary | undefined {
  try {
    return parseSummary(readFileSync(getFilePath(folder, 'summary'), 'utf8'));
  } catch {
    return undefined;
  }
}
