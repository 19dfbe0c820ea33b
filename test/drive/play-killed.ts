/** Performs a plan by a harness that is killed again and again, and comes back each time. */

import type { ApiRequest } from '../../src/api/transport.ts';
import { createRng } from '../../src/core/rng.ts';
import { drive } from '../../src/drive/drive.ts';
import type { Lab } from '../../src/drive/lab.ts';
import type { Ending } from '../../src/drive/session.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { type Entry, HISTORY_SCHEMA } from '../../src/record/entry.ts';
import { pastSessions } from '../../src/record/past-sessions.ts';
import { localWatchHost } from '../support/local-watch-host.ts';
import { mortal } from '../support/mortal.ts';
import type { ToyCluster } from '../support/toy-cluster.ts';

export const HEADER: Entry = {
  e: 'header',
  schema: HISTORY_SCHEMA,
  run: 'r1',
  scenario: 'toy',
  target: 'cluster',
  seed: 1,
};

export interface Sessions {
  readonly ending: Ending;
  readonly entries: readonly Entry[];
}

/** A time of the cluster, or the request with which it dies and that does not arrive. */
export type Kill = number | ((request: ApiRequest) => boolean);

export interface Given extends Partial<Lab> {
  /** What was written in so long before a kill is lost with the disk, but for the first line. */
  readonly lostUs?: number;
}

/** Runs the plan; its harness is killed at each of these moments, and comes back later. */
export async function playKilled(
  toy: ToyCluster,
  plan: Plan,
  kills: readonly Kill[],
  outageUs: number,
  { lostUs = 0, ...given }: Given = {},
): Promise<Sessions> {
  const { kernel } = toy;
  let entries: readonly Entry[] = [HEADER];
  for (const kill of [...kills, undefined]) {
    const self = mortal(kernel, toy.transport, typeof kill === 'function' ? kill : undefined);
    const lab: Lab = {
      ...self,
      ...given,
      rng: createRng(1),
      watchHost: localWatchHost(self.transport, self.clock),
      past: entries.length > 1 ? pastSessions(() => entries, kernel.wallUs()) : undefined,
    };
    const session = drive(plan, lab);
    const death = self.death.then(() => 'killed' as const);
    if (typeof kill === 'number') kernel.schedule(kill - kernel.nowUs(), () => self.kill());
    const ending = await kernel.run(() => Promise.race([session, death]));
    if (ending !== 'killed') return { ending, entries: [...entries, ...self.entries] };
    const keptUs = kernel.nowUs() - lostUs;
    const lost =
      lostUs === 0 ? -1 : self.entries.findIndex((each) => 't' in each && each.t > keptUs);
    entries = [...entries, ...(lost < 0 ? self.entries : self.entries.slice(0, Math.max(1, lost)))];
    await kernel.run(() => kernel.sleep(outageUs));
  }
  throw new Error('the last session was killed too');
}
