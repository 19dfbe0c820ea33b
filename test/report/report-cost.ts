/** What a report of so many VMs costs; printed by `npm run perf`, judged nowhere else. */

import { rmSync } from 'node:fs';
import { memoryUsage } from 'node:process';
import { systemClock } from '../../src/core/system-clock.ts';
import { toSeconds } from '../../src/core/duration.ts';
import { campaign } from './campaign.ts';
import { evaluated, reportOf } from './reported.ts';

export interface ReportCost {
  readonly vms: number;
  /** From the evaluated run to the files on disk. */
  readonly seconds: number;
  readonly pageBytes: number;
  readonly rssBytes: number;
}

/** Budgets: 10,000 VMs in 5 s and 3 MB, 100,000 in 20 s and 6 MB. */
export async function reportCost(vms: number): Promise<ReportCost> {
  const shape = { clonesPerArm: vms / 5, vms: { rhel9: vms * 0.6, windows11: vms * 0.4 } };
  const run = evaluated(campaign({ ...shape, nodes: vms / 90 }).run());
  const clock = systemClock();
  const startUs = clock.nowUs();
  const { pageBytes, folder } = await reportOf(run);
  const seconds = toSeconds(clock.nowUs() - startUs);
  rmSync(folder, { recursive: true });
  return { vms, seconds, pageBytes, rssBytes: memoryUsage().rss };
}
