/**
 * A measurement's progress for people and programs, on stderr. It is called from the measurement
 * and asks the wall clock how long ago it last spoke: a timer of its own would be a wait that
 * virtual time does not know of.
 */

import { formatDuration, SECOND } from '../core/duration.ts';
import type { Progress } from '../drive/progress.ts';
import type { Screen } from './session.ts';

export const PROGRESS_MODES = ['auto', 'plain', 'json', 'none'] as const;

export type ProgressMode = (typeof PROGRESS_MODES)[number];

export interface ProgressListener {
  listen(progress: Progress): void;
  /** The last word, however long ago the one before was. */
  finish(): void;
}

const REDRAW_US = SECOND / 4;
const PLAIN_US = 10 * SECOND;
const JSON_US = SECOND;
const GUESS_AFTER_US = SECOND;

/** `hostNowUs` is the wall clock's monotonic time. */
export function createProgress(
  mode: ProgressMode,
  screen: Screen,
  hostNowUs: () => number,
): ProgressListener {
  const startUs = hostNowUs();
  const elapsedUs = () => hostNowUs() - startUs;
  switch (mode) {
    case 'none':
      return { listen: () => {}, finish: () => {} };
    case 'json':
      return throttled(JSON_US, hostNowUs, (progress) => {
        screen.tell(JSON.stringify({ elapsedUs: elapsedUs(), ...progress }));
      });
    case 'plain':
      return throttled(PLAIN_US, hostNowUs, (progress) => {
        screen.tell(plainLine(progress, elapsedUs()));
      });
    case 'auto':
      if (!screen.err.isTty) return createProgress('plain', screen, hostNowUs);
      return throttled(REDRAW_US, hostNowUs, (progress) => {
        screen.draw(drawnLines(progress, elapsedUs(), screen.err.columns));
      });
  }
}

/** Speaks at each new step, and otherwise once a period. */
function throttled(
  periodUs: number,
  hostNowUs: () => number,
  speak: (progress: Progress) => void,
): ProgressListener {
  let last: Progress | undefined;
  let spokenUs = Number.NEGATIVE_INFINITY;
  let spoken: Progress | undefined;
  const say = (progress: Progress, nowUs: number) => {
    spokenUs = nowUs;
    spoken = progress;
    speak(progress);
  };
  return {
    listen(progress) {
      last = progress;
      const nowUs = hostNowUs();
      const newStep = progress.step !== spoken?.step;
      if (newStep || nowUs - spokenUs >= periodUs) say(progress, nowUs);
    },
    finish() {
      if (last !== undefined && last !== spoken) say(last, hostNowUs());
    },
  };
}

/** `[5s] step 3/9 'boot rhel9': wave 12/60, 1150 of 6000 reached, 50 in flight, 0 failed ...`. */
export function plainLine(progress: Progress, elapsedUs: number): string {
  if (progress.kind === 'observe') return observedLine(progress, elapsedUs);
  const { step, steps, name, doing, waves } = progress;
  const head = `[${formatDuration(elapsedUs)}] step ${step + 1}/${steps} '${name}'`;
  if (waves === 0) return `${head}: ${doing}`;
  const parts = [`wave ${progress.wave}/${waves}`, counts(progress)];
  if (doing !== 'waves') parts.push(doing);
  parts.push(`at ${formatDuration(progress.atUs)}`, ...timeLeft(progress, elapsedUs));
  return `${head}: ${parts.join(', ')}`;
}

/** Of a load that somebody else makes nobody knows how much is still to come. */
function observedLine(progress: Progress, elapsedUs: number): string {
  const { operations, wave, reached, inFlight, failed, censored, atUs } = progress;
  const parts = [
    `${reached} reached, ${inFlight} under way, ${failed} failed`,
    ...(censored === 0 ? [] : [`${censored} unfinished`]),
    `at ${formatDuration(atUs)}`,
  ];
  const created = `${operations} created in ${wave} ${wave === 1 ? 'wave' : 'waves'}`;
  return `[${formatDuration(elapsedUs)}] ${created}: ${parts.join(', ')}`;
}

function drawnLines(progress: Progress, elapsedUs: number, columns: number): readonly string[] {
  if (progress.kind === 'observe') return [observedLine(progress, elapsedUs)];
  const { step, steps, name, doing, done, planned } = progress;
  const width = Math.max(10, Math.min(40, columns - 50));
  const share = planned === 0 ? 1 : done / planned;
  const filled = Math.round(share * width);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return [
    [`${bar} ${percent} %  ${formatDuration(elapsedUs)}`, ...timeLeft(progress, elapsedUs)].join(
      ', ',
    ),
    `step ${step + 1}/${steps}  ${name}  wave ${progress.wave}/${progress.waves}  ${doing}`,
    `${counts(progress)}  cluster time ${formatDuration(progress.atUs)}`,
  ];
}

function counts({ reached, operations, inFlight, failed, censored }: Progress): string {
  const text = `${reached} of ${operations} reached, ${inFlight} in flight, ${failed} failed`;
  return censored === 0 ? text : `${text}, ${censored} timed out`;
}

/** By the share of operations done: steps differ, so it is a guess, and early on not even that. */
function timeLeft({ done, planned }: Progress, elapsedUs: number): readonly string[] {
  if (done === 0 || done === planned || elapsedUs < GUESS_AFTER_US) return [];
  const leftUs = (elapsedUs * (planned - done)) / done;
  return [`about ${formatDuration(Math.ceil(leftUs / SECOND) * SECOND)} left`];
}
