/** Says when the machine cannot keep up with the pace that was asked for, and when it can again. */

import type { Clock } from '../../core/clock.ts';
import { formatDuration, SECOND } from '../../core/duration.ts';
import type { PacedKernel } from '../kernel/paced-clock.ts';

/** So much of the wall clock's time behind is called late. */
const LATE_US = SECOND;
const LOOK_EVERY_US = SECOND;
/** Not every look is told. */
const TELL_EVERY_LOOKS = 10;

/** Looks once a second; returns what ends that. */
export function watchLag(
  kernel: Pick<PacedKernel, 'speed' | 'lagUs'>,
  wall: Clock,
  tell: (line: string) => void,
): () => void {
  let lateLooks = 0;
  let cancel = () => {};
  const look = () => {
    const lagUs = kernel.lagUs();
    if (lagUs > LATE_US * kernel.speed) {
      if (lateLooks % TELL_EVERY_LOOKS === 0) tell(lateLine(lagUs, kernel.speed));
      lateLooks += 1;
    } else if (lateLooks > 0) {
      lateLooks = 0;
      tell('the machine keeps up again');
    }
    cancel = wall.schedule(LOOK_EVERY_US, look, { kind: 'background' });
  };
  cancel = wall.schedule(LOOK_EVERY_US, look, { kind: 'background' });
  return () => cancel();
}

function lateLine(lagUs: number, speed: number): string {
  const behind = formatDuration(Math.round(lagUs / SECOND) * SECOND);
  return `the machine cannot keep up: simulated time is ${behind} behind --speed ${speed}`;
}
