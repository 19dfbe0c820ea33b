/** From the series of a run to what each figure takes. */

import { stagesPassed } from '../../analyse/stages.ts';
import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Summary } from '../../analyse/summary.ts';
import type { PointEstimate } from '../../analyse/statistics/estimate.ts';
import { dimensionKey } from '../../analyse/spans.ts';
import type { Metric } from '../../catalogue/metrics.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Run } from '../../record/run.ts';
import { type Identity, IDENTITIES } from '../chart/theme.ts';
import type { ImageBoots } from '../figures/boots.ts';
import type { SpeedUp } from '../figures/clone-speed-up.ts';
import type { SeriesGroup } from '../figures/ecdf.ts';
import { reachedAtS, type Series } from '../figures/series.ts';
import type { Staged } from '../figures/stages.ts';
import type { Progress, ProgressCurve } from '../figures/time-to-n.ts';
import { largest } from '../figures/words.ts';
import { displayName } from './names.ts';
import type { RunSeries } from './series-of-run.ts';

export function collectSpeedUps(
  all: readonly RunSeries[],
  { comparisons }: Summary,
): readonly SpeedUp[] {
  return comparisons
    .filter(({ metric }) => metric === 'clone')
    .flatMap(({ dimensions, baseline, head, ratioOfMeans, ratioOfMedians }): SpeedUp[] => {
      const arm = ({ source }: { readonly source: string }) =>
        all.find(
          ({ role, dimensions: own }) =>
            (role === 'clone' || role === 'deploy') &&
            dimensionKey(own) === dimensionKey({ ...dimensions, source }),
        )?.series;
      const [before, after] = [arm(baseline), arm(head)];
      if (before === undefined || after === undefined) return [];
      const label = displayName(dimensions.image ?? dimensions.template ?? dimensions.step);
      return [
        {
          label,
          baseline: { ...before, label: 'PVC' },
          head: { ...after, label: 'snapshot' },
          ratioOfMeans,
          ratioOfMedians,
        },
      ];
    });
}

export function groupBoots(all: readonly RunSeries[], summary: Summary): readonly ImageBoots[] {
  return all
    .filter(({ role }) => role === 'running')
    .map(({ series: running, step, dimensions }) => {
      const guestReady = all.find(
        (one) =>
          one.role === 'guestReady' &&
          one.step === step &&
          dimensionKey(one.dimensions) === dimensionKey(dimensions),
      )?.series;
      const records = (metric: Metric) => findRecord(summary, metric, dimensions);
      const [waveRunning, waveGuestReady] = [records('waveRunning'), records('waveGuestReady')];
      const goal = waveGuestReady ?? waveRunning;
      return {
        key: running.key,
        label: running.label,
        waveSize: largest(running.waves.map(({ points }) => points.length)),
        running,
        guestReady,
        waveRunning: getTypical(waveRunning),
        waveGuestReady: getTypical(waveGuestReady),
        statistic: goal?.reached === goal?.n ? 'mean' : 'median',
      };
    });
}

function findRecord(
  { metrics }: Summary,
  metric: Metric,
  dimensions: RunSeries['dimensions'],
): MetricRecord | undefined {
  const key = dimensionKey(dimensions);
  return metrics.find((one) => one.metric === metric && dimensionKey(one.dimensions) === key);
}

/** The mean; where waves were missed the median, which knows of them. */
function getTypical(record: MetricRecord | undefined): PointEstimate | undefined {
  if (record === undefined) return undefined;
  if (record.reached === record.n) return record.mean;
  return 'value' in record.p50 ? record.p50 : undefined;
}

/** Each cloning step, all deploys, all boots. */
export function groupSeries(all: readonly RunSeries[]): readonly SeriesGroup[] {
  const clones = all.filter(({ role }) => role === 'clone');
  const steps = [...new Set(clones.map(({ step }) => step))];
  const groups = [
    ...steps.map((step) => ({
      title: `Cloning: ${step.name}`,
      series: clones.filter((one) => one.step === step).map(({ series }) => series),
    })),
    { title: 'Deploying: disks cloned', series: withRole(all, 'deploy') },
    { title: 'Booting', series: bootSeries(all) },
  ];
  return groups.filter(({ series }) => series.length > 0);
}

/** Guest ready where it was waited for, VMI Running where not. */
export function bootSeries(all: readonly RunSeries[]): readonly Series[] {
  const withGuests = new Set(
    all.filter(({ role }) => role === 'guestReady').map(({ step }) => step),
  );
  return all
    .filter(
      ({ role, step }) => role === 'guestReady' || (role === 'running' && !withGuests.has(step)),
    )
    .map(({ series }) => series);
}

export function withRole(all: readonly RunSeries[], role: RunSeries['role']): readonly Series[] {
  return all.filter((one) => one.role === role).map(({ series }) => series);
}

export function collectProgress(all: readonly RunSeries[]): readonly Progress[] {
  const running = withRole(all, 'running');
  const ready = withRole(all, 'guestReady');
  const parts: Progress[] = [];
  if (running.length > 0) {
    const curves = [
      requested(running),
      curve('VMI Running', identity('sky', []), running),
      ...(ready.length === 0 ? [] : [curve('guest ready', identity('green', []), ready)]),
    ];
    parts.push({ title: 'Booting', noun: 'VMs', curves });
  }
  for (const [role, title] of [['clone', 'Cloning'] as const, ['deploy', 'Deploying'] as const]) {
    const series = withRole(all, role);
    if (series.length === 0) continue;
    const curves = series.map((one) => curve(one.label, one.identity, [one]));
    parts.push({ title: `${title}, each from its own release`, noun: 'clones', curves });
  }
  return parts;
}

function identity(colour: Identity['colour'], dash: readonly number[]): Identity {
  return { ...(IDENTITIES[0] as Identity), colour, dash };
}

function firstRelease(series: readonly Series[]): number {
  return Math.min(...series.map(({ waves }) => waves[0]?.releaseS ?? Number.POSITIVE_INFINITY));
}

function requested(series: readonly Series[]): ProgressCurve {
  const firstS = firstRelease(series);
  const times = collectPoints(series).map(({ intendedS }) => intendedS - firstS);
  const label = 'requested';
  return { label, identity: identity('grey', [4, 4]), times: ascending(times), isRequested: true };
}

function curve(label: string, own: Identity, series: readonly Series[]): ProgressCurve {
  const firstS = firstRelease(series);
  const times = collectPoints(series).flatMap((point) => {
    const atS = reachedAtS(point);
    return atS === undefined ? [] : [atS - firstS];
  });
  return { label, identity: own, times: ascending(times), isRequested: false };
}

function collectPoints(series: readonly Series[]) {
  return series.flatMap(({ waves }) => waves.flatMap(({ points }) => points));
}

function ascending(values: readonly number[]): readonly number[] {
  return [...Float64Array.from(values).sort()];
}

const STAGE_NAMES: Readonly<Record<string, string>> = {
  inProgress: 'in progress',
  startAsked: 'start asked',
  guestReady: 'guest ready',
};

/** Clones and boots that went all the way, stage by stage. */
export function collectStaged(run: Run, all: readonly RunSeries[]): readonly Staged[] {
  const boots = new Set(bootSeries(all));
  return all
    .filter(({ role, series }) => role === 'clone' || role === 'deploy' || boots.has(series))
    .map((one) => staged(run, one));
}

function staged(run: Run, { series, spans, role }: RunSeries): Staged {
  const isBoot = role === 'guestReady' || role === 'running';
  let names: readonly string[] = [];
  const objects = spans.flatMap((wave, w) =>
    wave.flatMap((span) => {
      const times = stagesPassed(run.objects, span);
      if (times === undefined) return [];
      names = times.map(({ stage }) => STAGE_NAMES[stage] ?? stage);
      const seconds = times.map(({ us }) => toSeconds(us));
      return [{ name: span.operation.name, cumulative: series.waves[w]?.cumulative ?? 0, seconds }];
    }),
  );
  const { label, noun } = series;
  const of = isBoot ? 'boot' : 'clone';
  return { label, identity: series.identity, of, noun, stages: names, objects };
}
