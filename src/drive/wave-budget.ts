/**
 * Whether a wave has lost so many of its operations that going on makes no sense. This is judged at
 * each miss, not at the wave's end, since the rest of a broken wave may take hours to reach its
 * deadlines; and what the stop itself cuts off is no miss of the wave.
 */

import { firstSentence } from '../core/plain-text.ts';
import type { PlannedWave, WaveStep } from '../plan/plan.ts';

/** What became of a wave's operations so far. */
export interface WaveCounts {
  readonly reached: number;
  readonly failed: number;
  readonly censored: number;
}

export interface WaveBudget {
  /** Why an operation was missed, in a word; and what was said of it. */
  missed(why: string, said?: string): void;
  /** Why the run must stop, for people; undefined while the wave is within its budget. */
  judge(counts: WaveCounts): string | undefined;
}

export function createWaveBudget(step: WaveStep, wave: PlannedWave): WaveBudget {
  const reasons = new Map<string, Reason>();
  const size = wave.operations.length;
  return {
    missed(why, said) {
      const known = reasons.get(why);
      reasons.set(why, { count: (known?.count ?? 0) + 1, said: known?.said ?? said });
    },
    judge({ failed, censored }) {
      const misses = failed + censored;
      if (misses <= tolerated(step, size)) return undefined;
      const place = `wave ${wave.index + 1} of ${step.waves.length}`;
      return (
        `step ${step.index} '${step.name}', ${place}: ${misses} of ${size} operations missed ` +
        `(${failed} failed, ${censored} unfinished; ${budgetText(step)})${mostFrequent(reasons)}`
      );
    },
  };
}

interface Reason {
  readonly count: number;
  /** Of the first that said anything. */
  readonly said: string | undefined;
}

/** One miss is no broken wave, even where waves are of one operation; unless none is allowed. */
function tolerated({ waveErrorBudget }: WaveStep, size: number): number {
  return waveErrorBudget === 0 ? 0 : Math.max(1, waveErrorBudget * size);
}

function budgetText({ kind, waveErrorBudget }: WaveStep): string {
  if (kind === 'image') return 'nothing can go on without its image';
  return `the wave's error budget is ${Number((waveErrorBudget * 100).toFixed(3))} %`;
}

/** Kind and name of the object that missed say nothing of why. */
const NAME_ALONE = /^\S+ \S+$/;

/** The first one of several that are equally frequent. */
function mostFrequent(reasons: ReadonlyMap<string, Reason>): string {
  const [first] = [...reasons].sort(([, a], [, b]) => b.count - a.count);
  if (first === undefined) return '';
  const [reason, { count, said }] = first;
  const words = said === undefined || NAME_ALONE.test(said) ? '' : `: ${firstSentence(said)}`;
  return `, most often ${reason} (${count})${words}`;
}
