/** A recorded run as all figures take it: its times with the doubt that its own evidence leaves. */

import { readRun } from '../record/reader.ts';
import type { Run } from '../record/run.ts';
import { withFound } from './found-run.ts';
import { narrowed } from './narrowing/narrowed-run.ts';

/** Throws HistoryError, and what the file system throws. */
export function openRun(historyPath: string): Run {
  const run = readRun(historyPath);
  return withFound(narrowed(run), run.objects);
}
