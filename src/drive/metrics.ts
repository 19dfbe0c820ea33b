/**
 * What the cluster felt while a step was under way, as its Prometheus has it. It is asked once the
 * step is over, so that asking slows nothing down that is measured; and what cannot be answered is
 * asked no more, since nothing of the run depends on it.
 */

import type { MetricQuery } from '../catalogue/metric-profiles.ts';
import type { Clock } from '../core/clock.ts';
import type { Plan } from '../plan/plan.ts';
import type { Notebook } from '../record/notebook.ts';
import type { Lab } from './lab.ts';
import { type MetricsSource, type MetricsWindow, QueryRefusal } from './metrics-source.ts';

export interface Metrics {
  /** Of the step that began at this time of the run. */
  record(step: number, fromUs: number): Promise<void>;
}

export function createMetrics(
  { metrics: asked }: Plan,
  { metrics: source, clock, onWarning }: Pick<Lab, 'metrics' | 'clock' | 'onWarning'>,
  notebook: Notebook,
): Metrics {
  let isDark = asked === undefined;
  const refused = new Set<string>();
  const tell = (message: string) => {
    notebook.write({ e: 'note', t: notebook.nowUs(), what: 'metrics', message });
    onWarning?.(message);
  };
  const giveUp = (message: string) => {
    isDark = true;
    tell(message);
  };
  return {
    async record(step, fromUs) {
      if (isDark || asked === undefined) return;
      if (source === undefined) return giveUp(NO_SOURCE);
      const window = windowSince(fromUs, asked.everyUs, { clock, notebook });
      for (const query of asked.queries) {
        if (refused.has(query.name)) continue;
        try {
          // One after the other: a Prometheus under load is not to be made slower.
          await recordOne({ source, notebook, clock }, query, step, window);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          if (!(error instanceof QueryRefusal)) {
            return giveUp(`what the cluster felt is not known: ${reason}`);
          }
          refused.add(query.name);
          tell(`"${query.name}" is not known of the cluster: ${reason}`);
        }
      }
    },
  };
}

const NO_SOURCE = 'what the cluster felt is not known: name its Prometheus with --prometheus URL';

interface Asker {
  readonly source: MetricsSource;
  readonly notebook: Notebook;
  readonly clock: Clock;
}

async function recordOne(
  { source, notebook, clock }: Asker,
  { name, unit, query }: MetricQuery,
  step: number,
  window: MetricsWindow,
): Promise<void> {
  const found = await source.read(query, window);
  // From the wall clock to the run's.
  const aheadUs = clock.wallUs() - notebook.nowUs();
  const series = found.map(({ labels, values }) => ({
    labels,
    values: values.map(([us, value]) => [Math.round(us - aheadUs), value] as const),
  }));
  notebook.write({ e: 'metric', t: notebook.nowUs(), s: step, n: name, unit, q: query, series });
}

function windowSince(
  fromUs: number,
  everyUs: number,
  { clock, notebook }: Pick<Asker, 'clock' | 'notebook'>,
): MetricsWindow {
  const untilUs = clock.wallUs();
  return { fromUs: untilUs - (notebook.nowUs() - fromUs), untilUs, everyUs };
}
