/**
 * Counts what others create, by the lines of the history as they are written: what progress shows,
 * and whether all is quiet. It decides nothing that analysis would not find out again by itself.
 */

import type { DeletedEntry, Entry, ObjectEntry, TransitionEntry } from '../record/entry.ts';
import { findMark } from '../catalogue/milestone-marks.ts';
import { FOUND_FAILURES, FOUND_GOALS, wasThereBefore } from '../record/found.ts';
import type { Progress } from './progress.ts';

export interface Census {
  /** True where the entry changed what is counted. */
  take(entry: Entry): boolean;
  /** In run time: until nothing was under way or told for `idleUs`, as it looks now. */
  quietInUs(nowUs: number, idleUs: number): number;
  progress(nowUs: number): Progress;
}

export interface CensusOptions {
  /** What takes longer is not waited for any more. */
  readonly timeoutUs: number;
  readonly waveGapUs: number;
}

export function createCensus({ timeoutUs, waveGapUs }: CensusOptions): Census {
  const underWay = new Map<number, { readonly kind: string; readonly deadlineUs: number }>();
  const lastCreatedUs = new Map<string, number>();
  const counts = { found: 0, waves: 0, reached: 0, failed: 0, censored: 0 };
  let heardUs: number | undefined;

  const settle = (object: number, how: 'reached' | 'failed' | 'censored') => {
    if (underWay.delete(object)) counts[how] += 1;
  };
  const appeared = ({ o, k, t, l }: ObjectEntry) => {
    if (FOUND_GOALS[k] === undefined || wasThereBefore(l)) return false;
    const beforeUs = lastCreatedUs.get(k);
    if (beforeUs === undefined || t - beforeUs > waveGapUs) counts.waves += 1;
    lastCreatedUs.set(k, t);
    counts.found += 1;
    underWay.set(o, { kind: k, deadlineUs: t + timeoutUs });
    return true;
  };
  const changed = ({ o, c }: TransitionEntry) => {
    const kind = underWay.get(o)?.kind;
    if (kind === undefined) return false;
    for (const [name, value] of c) {
      const how = classifyOutcome(kind, name, value);
      if (how !== undefined) settle(o, how);
    }
    return !underWay.has(o);
  };
  const gone = ({ o }: DeletedEntry) => {
    const isOpen = underWay.has(o);
    settle(o, 'censored');
    return isOpen;
  };
  /** Deadlines come in the order of first sights. */
  const expire = (nowUs: number) => {
    for (const [object, { deadlineUs }] of underWay) {
      if (deadlineUs > nowUs) return;
      settle(object, 'censored');
    }
  };
  return {
    take(entry) {
      if (entry.e !== 'obj' && entry.e !== 'tr' && entry.e !== 'del') return false;
      const isNews =
        entry.e === 'obj' ? appeared(entry) : entry.e === 'tr' ? changed(entry) : gone(entry);
      if (counts.found > 0) heardUs = entry.t;
      return isNews;
    },
    quietInUs(nowUs, idleUs) {
      expire(nowUs);
      // A load that has not begun is waited for, and so is all that is under way.
      if (heardUs === undefined || underWay.size > 0) return idleUs;
      return heardUs + idleUs - nowUs;
    },
    progress(nowUs) {
      expire(nowUs);
      return { ...PLACE, ...counted(counts), atUs: nowUs, inFlight: underWay.size };
    },
  };
}

/** Nobody knows how much is still to come: nothing is planned. */
const PLACE = {
  step: 0,
  steps: 1,
  name: 'observed',
  kind: 'observe',
  done: 0,
  planned: 0,
  doing: 'waves',
} as const;

function counted({ found, waves, reached, failed, censored }: Record<CountName, number>) {
  return { wave: waves, waves, operations: found, reached, failed, censored };
}

type CountName = 'found' | 'waves' | 'reached' | 'failed' | 'censored';

function classifyOutcome(
  kind: string,
  name: string,
  value: string,
): 'reached' | 'failed' | undefined {
  const goal = FOUND_GOALS[kind];
  const mark = goal && findMark(goal);
  if (mark?.change === name && mark.value === value) return 'reached';
  const failed = FOUND_FAILURES.some(
    (one) => one.kind === kind && one.change === name && one.value === value,
  );
  return failed ? 'failed' : undefined;
}
