/** What a miss entry says: how, for what reason, of what class, and in whose words. */

import { excerpt } from '../core/excerpt.ts';
import type { Verdict } from '../observe/expectation.ts';
import type { Observer } from '../observe/observer.ts';
import type { MissEntry } from '../record/entry.ts';
import { classOfMiss, MESSAGE_MOST, type MissClass } from '../record/miss-class.ts';
import type { Job } from './job.ts';

type Missed = Exclude<Verdict, { readonly how: 'reached' }>;

type Miss = Required<Pick<MissEntry, 'how' | 'reason' | 'class'>> & Pick<MissEntry, 'message'>;

/** Of an operation that the observer has not forgotten yet. */
export function explainMiss(
  observer: Pick<Observer, 'lastWord' | 'troubleOf'>,
  job: Pick<Job, 'operation' | 'refusal'>,
  verdict: Missed,
): Miss {
  const { how, reason } = verdict;
  if (verdict.how === 'failed') {
    const { message } = verdict;
    return withMessage({ how, reason, class: classOfVerdict(verdict) }, message);
  }
  const { id } = job.operation;
  const lastWord = observer.lastWord(id);
  if (!WAITED.has(reason)) {
    return withMessage({ how, reason, class: classOfVerdict(verdict) }, lastWord);
  }
  if (job.refusal !== undefined) {
    return withMessage({ how, reason, class: 'NotAccepted' }, job.refusal);
  }
  const trouble = observer.troubleOf(id);
  const said = [lastWord, trouble?.message].filter(Boolean).join(': ');
  const found = trouble?.class ?? classOfVerdict(verdict);
  return withMessage({ how, reason, class: found }, said === '' ? undefined : said);
}

export function classOfVerdict(verdict: Missed): MissClass {
  const message = verdict.how === 'failed' ? verdict.message : undefined;
  return verdict.class ?? classOfMiss(verdict.reason, message);
}

/** We have waited for the object until then, so what was wrong with it is why. */
const WAITED: ReadonlySet<string> = new Set(['Timeout', 'Aborted', 'Interrupted']);

function withMessage(miss: Omit<Miss, 'message'>, message: string | undefined): Miss {
  return message === undefined ? miss : { ...miss, message: excerpt(message, MESSAGE_MOST) };
}
