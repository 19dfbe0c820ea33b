/** The report of a run: where it goes, and how it comes to be written. */

import { dirname, join } from 'node:path';
import type { EvaluatedRun } from '../report/write-report.ts';

/** `reports` for `results`: who keeps results elsewhere wants reports there too. */
export function reportsBeside(results: string): string {
  return join(dirname(results), 'reports');
}

/** Writes the reports; returns the pages to open. */
export async function writtenPages(
  evaluated: readonly EvaluatedRun[],
  reports: string,
): Promise<readonly string[]> {
  // Loaded late: the canvas costs more than all other commands together.
  const { writeReports } = await import('../report/write-report.ts');
  const written = await writeReports(evaluated, reports);
  return written.map(({ page }) => page);
}
