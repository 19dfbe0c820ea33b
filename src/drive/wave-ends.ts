/** Which waves are over, for steps beside them whose waves follow. */

import { createDeferred, type Deferred } from '../core/deferred.ts';

export interface WaveEnds {
  over(step: string, wave: number): void;
  /** No wave of the step comes any more. */
  allOver(step: string): void;
  /** Resolves once it is over, or will never come. */
  whenOver(step: string, wave: number): Promise<void>;
}

export function createWaveEnds(): WaveEnds {
  const ends = new Map<string, Map<number, Deferred<void>>>();
  const done = new Set<string>();
  const endOf = (step: string, wave: number): Deferred<void> => {
    const own = ends.get(step) ?? new Map<number, Deferred<void>>();
    ends.set(step, own);
    const end = own.get(wave) ?? createDeferred<void>();
    own.set(wave, end);
    return end;
  };
  return {
    over: (step, wave) => endOf(step, wave).resolve(),
    allOver(step) {
      done.add(step);
      for (const end of ends.get(step)?.values() ?? []) end.resolve();
    },
    whenOver: (step, wave) => (done.has(step) ? Promise.resolve() : endOf(step, wave).promise),
  };
}
