/**
 * What of the controllers' troubles is told: each is tried again, so a server that is away is told
 * once in a while and not by each of the hundred who noticed.
 */

import { TransportError, type WatchEnd } from '../../api/transport.ts';
import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/duration.ts';
import { isTerminating } from '../../kube/api-error.ts';

/** Of this clock's time. */
const SILENCE_US = 60 * SECOND;

/** Takes what failed and whose step it was. */
export function troubleTeller(
  clock: Pick<Clock, 'nowUs'>,
  tell: (line: string) => void,
): (error: unknown, where: string) => void {
  let quietUntilUs = Number.NEGATIVE_INFINITY;
  return (error, where) => {
    // Whatever is in a namespace on its way out will soon be gone as well.
    if (isTerminating(error)) return;
    if (isAway(error)) {
      if (clock.nowUs() < quietUntilUs) return;
      quietUntilUs = clock.nowUs() + SILENCE_US;
      tell(`the server does not answer, and is asked again: ${formatText(error)}`);
      return;
    }
    tell(`${where}: ${formatText(error)}`);
  };
}

function isAway(error: unknown): boolean {
  return error instanceof TransportError || findRefusal(error) !== undefined;
}

/** A watch that is not let in, as by a server that has not come up. */
function findRefusal(error: unknown): Extract<WatchEnd, { kind: 'refused' }> | undefined {
  const end = error as Partial<Extract<WatchEnd, { kind: 'refused' }>> | undefined;
  return end?.kind === 'refused' ? (end as Extract<WatchEnd, { kind: 'refused' }>) : undefined;
}

function formatText(error: unknown): string {
  const refusal = findRefusal(error);
  if (refusal) return `watch refused, HTTP ${refusal.code} ${refusal.status?.message ?? ''}`.trim();
  return error instanceof Error ? error.message : String(error);
}
