/**
 * When our own creations were committed, as their answers tell. A creation is sent, kept at
 * admission for a while (by CDI's webhooks for tens of seconds), committed, and answered at once;
 * so it was committed shortly before its answer came, if that answer was not itself held up. The
 * second in which the server answered says whether it was: an answer that comes after its second is
 * over was late. A delay shorter than a second shows in a part of the answers only, so where some
 * prove to be late, none is taken for prompt, and its second is all that is known of each.
 */

import type { Operation, Run } from '../../record/run.ts';
import type { Bounds, StampBounds } from './stamp-bounds.ts';
import { isLate, PROMPT_US } from './stream-facts.ts';

/** Of one creation of ours; undefined where it was never answered. */
type CommitBounds = (creation: Operation) => Bounds | undefined;

export function commitBounds(
  { operations }: Pick<Run, 'operations'>,
  stamps: StampBounds,
): CommitBounds {
  const answeredIn = ({ ack }: Operation) =>
    ack?.answeredSeconds === undefined
      ? undefined
      : stamps.of(ack.answeredSeconds, undefined, ack.atUs);
  const proof = { all: 0, late: 0 };
  for (const operation of operations) {
    const second = answeredIn(operation);
    if (operation.ack === undefined || second === undefined) continue;
    proof.all += 1;
    if (operation.ack.atUs > second.hi + PROMPT_US) proof.late += 1;
  }
  const arePrompt = proof.all > 0 && !isLate(proof);
  return (creation) => {
    const { ack, sentUs } = creation;
    if (ack === undefined) return undefined;
    // It may be the first request that created it, and the answer to a later one that we have.
    if (ack.tries > 1) return { lo: sentUs, hi: ack.atUs };
    const second = answeredIn(creation);
    const isPrompt = arePrompt && second !== undefined && ack.atUs <= second.hi + PROMPT_US;
    const answeredUs = isPrompt ? ack.atUs : second?.lo;
    const lo = answeredUs === undefined ? sentUs : Math.max(sentUs, answeredUs - PROMPT_US);
    return { lo: Math.min(lo, ack.atUs), hi: ack.atUs };
  };
}
