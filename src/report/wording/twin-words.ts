/** How every surface says that a simulated cluster stands for a measured one. */

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

/** What it did that its constants were not fitted to; undefined where there is nothing. */
export function beyondText(
  { unseen = [] }: Partial<TwinFact>,
  counters: Readonly<Record<string, number>>,
): string | undefined {
  const met = unseen.filter((name) => (counters[name] ?? 0) > 0);
  if (met.length === 0) return undefined;
  const counts = met.map((name) => `${name} ${countText(counters[name] ?? 0)}`).join(', ');
  return `It went beyond what it was calibrated on (${counts}): there its constants are guesses.`;
}

/** How far off the twin's figures may be; undefined where nothing was held out. */
export function doubtText({ within }: TwinFact): string | undefined {
  const parts = Object.entries(within).map(
    ([metric, share]) => `${metricText(metric as Metric)} ${percentText(share)}`,
  );
  if (parts.length === 0) return undefined;
  return `Waves that were held out were predicted within: ${parts.join(', ')}.`;
}
