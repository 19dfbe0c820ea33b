/** A scenario played on the embedded cluster for its history alone: no folder of it stays. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun } from '../analyse/open-run.ts';
import { measure } from '../benchmark.ts';
import { getFilePath } from '../record/layout.ts';
import type { Run } from '../record/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { OpenTarget } from './setting.ts';

/** Rejects with what the run rejects with. */
export async function simulateRun(
  openTarget: OpenTarget,
  scenario: Scenario,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<Run> {
  const path = mkdtempSync(join(tmpdir(), 'bench-calibrate-'));
  const folder = { path, scenario: scenario.name, runId: `seed-${seed}` };
  try {
    const target = await openTarget(scenario, { seed });
    await measure(scenario, folder, { ...target.open(), signal });
    return openRun(getFilePath(folder, 'history'));
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
