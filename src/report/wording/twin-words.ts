/** How every surface says that a simulated cluster stands for a measured one. */

import { FLATTENING_COUNTERS } from '../../calibrate/flattening.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import type { TwinFact } from '../../record/manifest.ts';
import { metricText } from '../../catalogue/names.ts';
import { countText, percentText } from './numbers.ts';

/** `calibrated on run R of cluster C`. */
export function calibratedOn({ runs, cluster }: TwinFact): string {
  const which = runs.length === 1 ? `run ${runs[0]}` : `runs ${runs.join(', ')}`;
  return `calibrated on ${which} of cluster ${cluster}`;
}

/** `simulated cluster`, and what it was calibrated on where it was. */
export function simulatedWords(twin: TwinFact | undefined): string {
  return twin === undefined ? 'simulated cluster' : `simulated, ${calibratedOn(twin)}`;
}

/** The sentence that stands above simulated figures. */
export function simulatedLine(twin: TwinFact | undefined): string {
  if (twin === undefined) return 'SIMULATED cluster: no hardware was measured.';
  return `SIMULATED, ${calibratedOn(twin)}: no hardware was measured.`;
}

type Counters = Readonly<Record<string, number>>;

/** What it did that its runs had not shown; undefined where there is nothing. */
export function beyondText(
  { unseen = [], guessed = [] }: Partial<TwinFact>,
  counters: Counters,
): string | undefined {
  const untold = metCounters(guessed, counters);
  const fresh = metCounters(unseen, counters).filter((name) => !untold.includes(name));
  const told = fresh.filter((name) => FLATTENING_COUNTERS.includes(name));
  const blind = [...untold, ...fresh.filter((name) => !told.includes(name))];
  if (blind.length > 0) {
    const remedy = untold.length > 0 ? ' bench calibrate says what to measure for that.' : '';
    return (
      `It went beyond what it was calibrated on (${countersText(blind, counters)}): there its ` +
      `constants are guesses.${remedy}`
    );
  }
  if (told.length === 0) return undefined;
  return (
    `It did what its runs never did (${countersText(told, counters)}), by constants that they do ` +
    'tell.'
  );
}

/** How far off the twin's figures may be; undefined where nothing was held out. */
export function doubtText(
  { within, guessed = [] }: Pick<TwinFact, 'within'> & Partial<TwinFact>,
  counters: Counters = {},
): string | undefined {
  const isBlind = metCounters(guessed, counters).length > 0;
  const parts = Object.entries(within).map(([metric, share]) => {
    const isKnown = !(isBlind && metric === 'clone');
    return `${metricText(metric as Metric)} ${isKnown ? percentText(share) : 'not known here'}`;
  });
  if (parts.length === 0) return undefined;
  return `Waves that were held out were predicted within: ${parts.join(', ')}.`;
}

function metCounters(names: readonly string[], counters: Counters): readonly string[] {
  return names.filter((name) => (counters[name] ?? 0) > 0);
}

function countersText(names: readonly string[], counters: Counters): string {
  return names.map((name) => `${name} ${countText(counters[name] ?? 0)}`).join(', ');
}
