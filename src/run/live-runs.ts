/** Runs that some process works on: those of a folder of results. */

import { listRuns } from '../record/layout.ts';
import { readHolder } from '../record/run-lock.ts';
import { heldText } from './run-holds.ts';

/** Runs under a results folder on which some process works now. */
export function liveRuns(results: string, wallUs: number): ReadonlyMap<string, string> {
  return new Map(
    listRuns(results).flatMap((folder) => {
      const holder = readHolder(folder, wallUs);
      return holder === undefined ? [] : [[folder.runId, heldText(folder, holder)] as const];
    }),
  );
}
