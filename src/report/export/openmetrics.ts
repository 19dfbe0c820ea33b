/**
 * A run as OpenMetrics text: a histogram for each latency, counters for what became of all that was
 * asked for. What was not reached counts in the bucket +Inf, so that a quantile over the buckets
 * does not leave it out; the sum is over the reached, since infinity has none.
 */

import { neutralText } from '../../core/neutral-text.ts';
import type { FeltRecord } from '../../analyse/felt.ts';
import { analyse } from '../../analyse/analysis.ts';
import { headlineWaves, type Sample } from '../../analyse/samples.ts';
import { count } from '../../analyse/statistics/observation.ts';
import { SECOND } from '../../core/duration.ts';
import { type ExportFile, type ExportSource, toWallUs } from './export-source.ts';

/** Classic buckets: each bound a tenth above the one before, from 0.1 s to an hour. */
const BOUNDS: readonly number[] = Array.from({ length: 111 }, (_, i) =>
  Number((0.1 * 1.1 ** i).toPrecision(4)),
);

type Labels = Readonly<Record<string, string | undefined>>;

export function openMetricsFiles(source: ExportSource): readonly ExportFile[] {
  return [{ name: 'metrics.openmetrics.txt', pieces: openMetrics(source) }];
}

function* openMetrics(source: ExportSource): Generator<string> {
  const samples = analyse(source.run).samples;
  const { id, scenario, target, outcome } = source.summary.run;
  const common = { run: id, scenario, target };
  const at = (toWallUs(source.run, source.run.lastUs) / SECOND).toFixed(3);
  const twin = source.summary.simulation?.twin;
  const calibrated_on = twin && `${twin.runs.join(',')} of ${twin.cluster}`;
  const simulated = String(target === 'simulated');
  const information = { ...common, outcome, simulated, calibrated_on };
  yield family('bench_run', 'info', 'What was measured, and on what.');
  yield line('bench_run_info', information, '1', at);
  yield family('bench_latency_seconds', 'histogram', HISTOGRAM_HELP);
  yield '# UNIT bench_latency_seconds seconds\n';
  for (const sample of samples) yield histogram(sample, common, at);
  yield family('bench_values', 'counter', 'What became of all that was asked for.');
  for (const sample of samples) yield counters(sample, common, at);
  const felt = source.summary.felt ?? [];
  if (felt.length > 0) yield family('bench_felt', 'gauge', FELT_HELP);
  for (const record of felt) yield feltGauges(record, common, at);
  yield '# EOF\n';
}

const FELT_HELP =
  'What the cluster felt during a step, by its Prometheus, in the unit of the label: over all ' +
  'values of all series.';

function feltGauges({ step, name, unit, mean, max }: FeltRecord, common: Labels, at: string) {
  return Object.entries({ mean, max })
    .flatMap(([statistic, value]) => {
      const labels = { ...common, step, metric: name, unit, statistic };
      return value === undefined ? [] : [line('bench_felt', labels, String(value), at)];
    })
    .join('');
}

const HISTOGRAM_HELP =
  'Latencies by metric; values that were not reached are in the last bucket only, ' +
  'and the sum is over the reached.';

function histogram(sample: Sample, common: Labels, at: string): string {
  const observations = headlineWaves(sample).flat();
  const reached = observations
    .flatMap((o) => (o.state === 'reached' ? [o.hi / SECOND] : []))
    .sort((a, b) => a - b);
  const labels = { ...common, ...makeLabels(sample) };
  const lines: string[] = [];
  let below = 0;
  for (const bound of BOUNDS) {
    while (below < reached.length && (reached[below] as number) <= bound) below += 1;
    lines.push(bucket(labels, canonical(bound), below, at));
  }
  lines.push(bucket(labels, '+Inf', observations.length, at));
  const sum = reached.reduce((total, value) => total + value, 0);
  lines.push(line('bench_latency_seconds_sum', labels, String(Number(sum.toFixed(6))), at));
  lines.push(line('bench_latency_seconds_count', labels, String(observations.length), at));
  return lines.join('');
}

function bucket(labels: Labels, le: string, below: number, at: string): string {
  return line('bench_latency_seconds_bucket', { ...labels, le }, String(below), at);
}

function counters(sample: Sample, common: Labels, at: string): string {
  const { reached, failed, censored } = count(headlineWaves(sample).flat());
  return Object.entries({ reached, failed, censored })
    .map(([outcome, value]) => {
      const labels = { ...common, ...makeLabels(sample), outcome };
      return line('bench_values_total', labels, String(value), at);
    })
    .join('');
}

function makeLabels({ metric, dimensions }: Sample): Labels {
  return { metric, ...dimensions };
}

function family(name: string, type: string, help: string): string {
  return `# TYPE ${name} ${type}\n# HELP ${name} ${escape(help)}\n`;
}

function line(name: string, labels: Labels, value: string, at: string): string {
  const written = Object.entries(labels).flatMap(([key, text]) =>
    text === undefined ? [] : [`${key}="${escape(text)}"`],
  );
  return `${name}{${written.join(',')}} ${value} ${at}\n`;
}

/** As OpenMetrics wants bounds: `1.0`, not `1`. */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function escape(text: string): string {
  return neutralText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
