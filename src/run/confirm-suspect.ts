/** `--confirm N`: where a night is suspect, so many more runs the same night decide. */

import { confirmNight } from '../compare/nightly/confirm-night.ts';
import type { NightlyVerdict } from '../compare/nightly/verdict.ts';
import { freeRunId, type RunFolder } from '../record/layout.ts';
import { type GateArguments, type GateOutput, judgeRun, tellVerdict } from './gate.ts';
import type { MakeRun } from './run-group.ts';
import type { Session } from './session.ts';

export interface Suspicion {
  readonly folder: RunFolder;
  readonly verdict: NightlyVerdict;
}

/** A run's id is a label value, of at most 63 characters. */
const STEM_MOST = 45;

/** Makes the runs one after the other, and tells what they decide. */
export async function confirmSuspect(
  session: Session,
  { folder, verdict }: Suspicion,
  args: GateArguments & {
    readonly results: string;
    readonly confirm: number;
    readonly output: GateOutput;
  },
  make: MakeRun,
): Promise<void> {
  const { screen, host } = session;
  screen.tell(`SUSPECT: ${verdict.headline}; --confirm ${args.confirm}: more runs decide`);
  const others: NightlyVerdict[] = [];
  for (let i = 1; i <= args.confirm && !host.interrupt.aborted; i++) {
    const stem = `${folder.runId.slice(0, STEM_MOST)}-confirm-${i}`;
    const runId = freeRunId(args.results, verdict.run.scenario, stem);
    const made = await make({ runId, repeat: i + 1, group: undefined });
    // The night is in the history already, and the run that is judged comes in its place.
    const again = made && judgeRun(session, made.folder, { ...args, dryRun: true }, folder.runId);
    if (again !== undefined) others.push(again);
  }
  const decided = confirmNight(verdict, others, args.strict);
  tellVerdict(session, folder, args, decided, args.output);
}
