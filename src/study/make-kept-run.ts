/**
 * Run or resume, of a pod whose own disk goes with it: what the bucket has of the run is brought
 * back first, and what is made is put there. Of a simulated run nothing is kept on the way, since
 * it is made anew and comes out the same.
 */

import type { GroupedRun } from '../record/group.ts';
import type { RunFolder } from '../record/layout.ts';
import type { Session } from '../run/session.ts';
import { EXIT } from '../core/exit-code.ts';
import { thisProcess } from '../core/process-identity.ts';
import { freshUuid } from '../core/rng.ts';
import { dropCheckpoints, keepRun, restoreRun, type RunKeeping } from './checkpoints.ts';
import { type ClusterLease, takeLease } from './cluster-lease.ts';
import { type KeptStudy, keyOf, noteFailure, publishRun, readMade } from './kept-study.ts';
import { makeRun, type MadeRun, type RunCommands } from './make-run.ts';
import { readFailure } from './study-runs.ts';

/** Throws UsageError and BucketError. */
export async function makeKeptRun(
  session: Session,
  commands: RunCommands,
  kept: KeptStudy,
  run: GroupedRun,
  folder: RunFolder,
): Promise<MadeRun> {
  if ((await readMade(kept, run.run)) !== undefined) return { isDone: true, code: EXIT.ok };
  const cluster = commands.laneOf(run);
  const made =
    cluster === undefined
      ? await makeRun(session, commands, run, folder)
      : await makeOnCluster(session, commands, { kept, cluster }, run, folder);
  if (made.isDone) {
    await publishRun(kept, folder);
    if (cluster !== undefined) await dropCheckpoints(kept, run.run);
  } else if (!session.host.interrupt.aborted) {
    await noteFailure(kept, run.run, readFailure(folder) ?? `${run.run} gave no figures`);
  }
  return made;
}

async function makeOnCluster(
  session: Session,
  commands: RunCommands,
  { kept, cluster }: { readonly kept: KeptStudy; readonly cluster: string },
  run: GroupedRun,
  folder: RunFolder,
): Promise<MadeRun> {
  const { host, screen } = session;
  const lease = await leaseOf(session, kept, cluster);
  let keeping: RunKeeping | undefined;
  try {
    if (await restoreRun(kept, folder)) screen.tell(`study: ${run.run} goes on from the bucket`);
    let isTold = false;
    keeping = keepRun(kept, folder, {
      clock: host.clock,
      onTrouble(error) {
        if (isTold) return;
        isTold = true;
        screen.tell(`study: ${run.run} could not be kept for now: ${(error as Error).message}`);
      },
    });
    const launch = (argv: readonly string[]) => host.launch(argv, lease.lost);
    const made = await makeRun({ ...session, host: { ...host, launch } }, commands, run, folder);
    if (!made.isDone && !lease.lost.aborted) await keeping.end();
    return made;
  } finally {
    await keeping?.stop();
    await lease.release();
  }
}

function leaseOf(
  { host, screen }: Session,
  kept: KeptStudy,
  cluster: string,
): Promise<ClusterLease> {
  const { pid, host: machine } = thisProcess();
  return takeLease(kept.bucket, keyOf(kept, `${cluster || 'cluster'}.lock`), {
    clock: host.clock,
    signal: host.interrupt,
    holder: `${machine} ${pid} ${freshUuid().slice(0, 8)}`,
    onHeld: (holder) => screen.tell(`study: waiting for another pod at ${cluster}: ${holder}`),
  });
}
