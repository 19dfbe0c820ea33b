/**
 * What missed and why: operations that did not reach their goal, counted by class and reason. These
 * are operations, not values of a metric; one operation that missed may be a miss of several
 * metrics.
 */

import type { Verb } from '../catalogue/verbs.ts';
import type { MissClass } from '../record/miss-class.ts';
import type { Miss, Run } from '../record/run.ts';

export interface MissGroup {
  /** What stood in the way. */
  readonly class: MissClass;
  readonly how: Miss['how'];
  /** What ended the waiting. */
  readonly reason: string;
  readonly stepIndex: number;
  readonly step: string;
  readonly verb: Verb;
  readonly kind: string;
  readonly n: number;
  /** Of all operations of the step that were sent. */
  readonly share: number;
  /** The first one that was sent: its object, and what was said of it. */
  readonly example: { readonly object: string; readonly message?: string };
}

/** The largest group first, then in order of sending. */
export function missGroups({ operations, steps }: Run): readonly MissGroup[] {
  const names = new Map(steps.map(({ index, name }) => [index, name]));
  const sent = new Map<number, number>();
  const groups = new Map<string, Omit<MissGroup, 'n' | 'share'> & { n: number }>();
  for (const { miss, verb, kind, step, name } of operations) {
    sent.set(step, (sent.get(step) ?? 0) + 1);
    if (miss === undefined) continue;
    const { how, reason, class: found, message } = miss;
    const key = [found, how, reason, step, verb, kind].join('\u0000');
    const group = groups.get(key);
    if (group !== undefined) {
      group.n += 1;
      continue;
    }
    groups.set(key, {
      class: found,
      how,
      reason,
      stepIndex: step,
      step: names.get(step) ?? String(step),
      verb,
      kind,
      n: 1,
      example: { object: name, ...(message === undefined ? {} : { message }) },
    });
  }
  return [...groups.values()]
    .map((group) => ({ ...group, share: group.n / (sent.get(group.stepIndex) ?? 1) }))
    .sort((a, b) => b.n - a.n);
}
