/** Runs of tests, evaluated as `bench run` would, and their reports in a folder of their own. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarise } from '../../src/analyse/summary.ts';
import { present } from '../../src/core/assert.ts';
import {
  type EvaluatedRun,
  type WrittenReport,
  writeReports,
} from '../../src/report/write-report.ts';
import type { Run } from '../../src/record/run.ts';
import { sampleHistory } from '../support/sample-run.ts';
import { history } from '../support/history.ts';

export const HOSTILE = '</script><img src=x onerror="alert(1)"><!--';

/** Writes the run's report into a folder of its own. */
export async function reportOf(run: EvaluatedRun): Promise<WrittenReport> {
  const [written] = await writeReports([run], temporaryFolder());
  return present(written, 'the report');
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-report-'));
}

export function evaluated(run: Run, runId = run.header.run): EvaluatedRun {
  const folder = { path: '/no/such/folder', scenario: 'by-hand', runId };
  const summary = summarise(run, { simulation: { counters: { flattens: 3 } } });
  return { folder, run, summary: { ...summary, run: { ...summary.run, id: runId } } };
}

/** Everything that a run can have. */
export function sampleRun(runId?: string): EvaluatedRun {
  return evaluated(sampleHistory().run(), runId);
}

/** A run in which everything that somebody may name is named to break out. */
export function hostileRun(): EvaluatedRun {
  return smallRun(HOSTILE, 'r1');
}

/** Six boots and a miss, all of whose names are `called`. */
export function smallRun(called: string, runId: string): EvaluatedRun {
  const draft = history({ target: 'simulated' });
  const variants = [{ template: called }];
  const step = draft.step({ kind: 'boot', name: called, variants, until: 'guestReady' });
  for (let wave = 0; wave < 2; wave++) {
    draft.wave({ step, wave, at: 60 * wave, n: 3 });
    for (let i = 0; i < 3; i++) {
      const seen = 60 * wave + i;
      const name = `${called}-${wave}-${i}`;
      const boot = { step, wave, name, seen, scheduling: seen + 1, scheduled: seen + 2 };
      draft.boot({ ...boot, running: seen + 5, guestReady: seen + 9 + i, node: called + i });
    }
  }
  const operation = draft.operation({ step, wave: 1, verb: 'start', name: called, sent: 61 });
  draft.miss(operation, 70, 'failed', called);
  draft.end(80, 'partial');
  return evaluated(draft.run(), runId);
}
