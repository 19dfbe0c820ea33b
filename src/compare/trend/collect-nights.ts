/**
 * Nights from a folder of either kind: a history that `bench gate` keeps, or a results folder with
 * the runs themselves. Of a results folder only complete and valid runs become nights, as if each
 * had been gated.
 */

import { readFileSync } from 'node:fs';
import type { Summary } from '../../analyse/summary.ts';
import { getFilePath, listRuns, type RunFolder } from '../../record/layout.ts';
import { readManifest } from '../../record/manifest.ts';
import { runQuality } from '../nightly/data-quality.ts';
import { carryOn } from '../history/carry-on.ts';
import { makeNight } from '../history/make-night.ts';
import { compareNights } from '../history/night.ts';
import { parseSummary, soundManifest } from '../history/read-summary.ts';
import {
  type History,
  type HistoryProblem,
  readHistory,
  type StoredNight,
} from '../history/store.ts';

export function collectNights(folder: string): History {
  const runs = listRuns(folder);
  if (runs.length === 0) return carryOn(readHistory(folder));
  const collected = runs.map(nightOfRun);
  return carryOn({
    exists: true,
    nights: collected
      .flatMap((one) => ('night' in one ? [one] : []))
      .sort((a, b) => compareNights(a.night, b.night)),
    problems: collected.flatMap((one) => ('message' in one ? [one] : [])),
  });
}

function nightOfRun(folder: RunFolder): StoredNight | HistoryProblem {
  const file = folder.path;
  const manifest = soundManifest(readManifest(getFilePath(folder, 'manifest')));
  if (manifest === undefined) return { file, message: 'has no manifest that can be read' };
  const summary = summaryIn(folder);
  if (summary === undefined) return { file, message: 'has no summary that can be read' };
  const trouble = runQuality(summary, manifest).find(({ severity }) => severity !== 'doubt');
  if (trouble !== undefined) return { file, message: trouble.message };
  const made = makeNight({ summary, manifest, added: manifest.started });
  if (made.kind === 'night') return { night: made.night, file };
  return { file, message: made.problems.join('; ') };
}

function summaryIn(folder: RunFolder): Summary | undefined {
  try {
    return parseSummary(readFileSync(getFilePath(folder, 'summary'), 'utf8'));
  } catch {
    return undefined;
  }
}
