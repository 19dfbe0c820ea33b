/** From the series of a run to what each figure takes. */

import type { CountedStage } from '../../analyse/counted-stages.ts';
import { stagesPassed } from '../../analyse/stages.ts';
import type { Summary } from '../../analyse/summary.ts';
import { dimensionKey } from '../../analyse/spans.ts';
import { BOOT_LATENCIES, fartherMetrics, metricFacts } from '../../catalogue/metric-sets.ts';
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
import { displayName, stageText } from '../../catalogue/names.ts';
import { findWaits } from '../facts/run-facts.ts';
import { BOOT_GOALS, bootFacts } from '../facts/wave-facts.ts';
import type { RunSeries } from './series-of-run.ts';

export function collectSpeedUps(all: readonly RunSeries[], summary: Summary): readonly SpeedUp[] {
  return summary.comparisons
    .filter(({ metric }) => metric === 'clone')
    .flatMap((comparison): SpeedUp[] => {
      const { dimensions, baseline, head, ratioOfMeans, ratioOfMedians, order } = comparison;
      const arm = ({ source }: { readonly source: string }) =>
        all.find(
          ({ metric, dimensions: own }) =>
            metric === 'clone' && dimensionKey(own) === dimensionKey({ ...dimensions, source }),
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
          order,
          waits: findWaits(summary, comparison),
        },
      ];
    });
}

/** The two ends of a boot that its figure shows side by side. */
const RUNNING: Metric = 'vmiRunning';

export function groupBoots(all: readonly RunSeries[], summary: Summary): readonly ImageBoots[] {
  const facts = bootFacts(summary);
  return all
    .filter(({ metric }) => metric === RUNNING)
    .flatMap(({ series: running, step, dimensions }): ImageBoots[] => {
      const key = dimensionKey(dimensions);
      const fact = facts.find((one) => dimensionKey(one.dimensions) === key);
      if (fact === undefined) return [];
      const { metric: farthest } = BOOT_GOALS[fact.until];
      const guest = all.find(
        ({ metric, step: own, dimensions: filed }) =>
          metric === farthest && own === step && dimensionKey(filed) === key,
      )?.series;
      const beyond = fact.until === 'running' ? undefined : guest;
      return [{ fact, label: running.label, running, guest: beyond }];
    });
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
    ...withRole(all, 'step').map((one) => ({ title: one.name, series: [one] })),
  ];
  return groups.filter(({ series }) => series.length > 0);
}

/** Boots by the last milestone that was measured in their step: the guest ready, or VMI Running. */
export function bootSeries(all: readonly RunSeries[]): readonly Series[] {
  const isPart = ({ metric, step }: RunSeries) =>
    fartherMetrics(metric).some((farther) =>
      all.some((one) => one.step === step && one.metric === farther),
    );
  return all.filter((one) => one.role === 'boot' && !isPart(one)).map(({ series }) => series);
}

export function withRole(all: readonly RunSeries[], role: RunSeries['role']): readonly Series[] {
  return all.filter((one) => one.role === role).map(({ series }) => series);
}

function collectProgress(all: readonly RunSeries[]): readonly Progress[] {
  const parts: Progress[] = [];
  const boots = [...BOOT_LATENCIES].flatMap((metric) => {
    const own = all.filter((one) => one.metric === metric);
    return own.length === 0 ? [] : [{ label: metricFacts(metric).heading, own }];
  });
  const [first] = boots;
  if (first !== undefined) {
    const curves = boots.map(({ label, own }, i) =>
      curve(
        label,
        identity(BOOT_COLOURS[i % BOOT_COLOURS.length] ?? 'green', []),
        own,
        askedFor(own, true),
      ),
    );
    parts.push({ title: 'Booting', noun: 'VMs', curves: [requested(first.own), ...curves] });
  }
  for (const [role, title] of [['clone', 'Cloning'] as const, ['deploy', 'Deploying'] as const]) {
    const own = all.filter((one) => one.role === role);
    if (own.length === 0) continue;
    const curves = own.map((one) =>
      curve(one.series.label, one.series.identity, [one], askedOfArm(one, own)),
    );
    parts.push({ title: `${title}, each from its own release`, noun: 'clones', curves });
  }
  parts.push(...all.filter(({ role }) => role === 'step').map(stepProgress));
  return parts;
}

/** Which of an arm's clones would have taken another path is known of the begun ones only. */
function askedOfArm(one: RunSeries, all: readonly RunSeries[]): number {
  const isSplit = all.some(({ step, dimensions }) => step === one.step && dimensions.path);
  return isSplit ? one.series.n : askedFor([one], false);
}

/**
 * What the plan asked for of these series, begun or not. A step of clones asks for as many from
 * each source; of a deploy each VM has as many disks as the begun ones.
 */
function askedFor(all: readonly RunSeries[], isOfAllVariants: boolean): number {
  const steps = [...new Set(all.map(({ step }) => step))];
  return steps.reduce((sum, step) => {
    const own = all.filter((one) => one.step === step);
    const n = own.reduce((total, { series }) => total + series.n, 0);
    const operations = own.flatMap(({ spans }) => spans.flat().map(({ operation }) => operation));
    const begun = new Set(operations.map(({ id }) => id)).size;
    const variants = new Set(operations.map(({ variant }) => variant)).size;
    const isWhole = isOfAllVariants || step.variants.length <= variants;
    const share = isWhole ? 1 : step.kind === 'clone' ? variants / step.variants.length : 0;
    return sum + Math.max(n, Math.round((step.plannedOperations * share * n) / begun));
  }, 0);
}

/** A curve a stage: how many objects had come so far by when. */
function stepProgress(one: RunSeries): Progress {
  const { step, series, spans } = one;
  const operations = spans.flat().map(({ operation }) => operation);
  const firstS = firstRelease([one]);
  const asked = step.plannedOperations;
  const stages = step.stages.map((label, i) => ({
    label,
    identity: identity(BOOT_COLOURS[i % BOOT_COLOURS.length] ?? 'green', []),
    times: ascending(
      operations.flatMap(({ stages: reached }) => {
        const sight = reached[i];
        return sight === undefined ? [] : [toSeconds(sight.atUs) - firstS];
      }),
    ),
    asked,
    isRequested: false,
  }));
  const curves = stages.length > 1 ? stages : [curve(series.label, series.identity, [one], asked)];
  return { title: step.name, noun: 'objects', curves: [requested([one]), ...curves] };
}

/** Of fewer objects, a curve says nothing beside those of what is counted. */
const OBJECTS_LEAST = 5;

/** First what stages count, where some do; then what steps ask for. */
export function collectAllProgress(
  all: readonly RunSeries[],
  counted: readonly CountedStage[],
): readonly Progress[] {
  const asked = collectProgress(all);
  if (counted.length === 0) return asked;
  const isMany = ({ curves }: Progress) => curves.some((one) => one.asked >= OBJECTS_LEAST);
  return [...collectCounted(counted), ...asked.filter(isMany)];
}

/** How many were so by when, since their step began. */
function collectCounted(counted: readonly CountedStage[]): readonly Progress[] {
  return counted.map(({ step, stage, objects }) => {
    const times = objects.map(({ atUs }) => Math.max(0, toSeconds(atUs - step.startUs)));
    const own = identity('green', []);
    const curves = [
      { label: stage, identity: own, times, asked: times.length, isRequested: false },
    ];
    return { title: `${step.name}: ${stage}`, noun: 'objects', curves };
  });
}

/** From milestone to milestone. */
const BOOT_COLOURS: readonly Identity['colour'][] = ['sky', 'green', 'orange'];

function identity(colour: Identity['colour'], dash: readonly number[]): Identity {
  return { ...(IDENTITIES[0] as Identity), colour, dash };
}

function firstRelease(all: readonly RunSeries[]): number {
  return Math.min(...all.map(({ series }) => series.waves[0]?.releaseS ?? Infinity));
}

function requested(all: readonly RunSeries[]): ProgressCurve {
  const firstS = firstRelease(all);
  const times = collectPoints(all).map(({ intendedS }) => intendedS - firstS);
  const asked = askedFor(all, true);
  const own = identity('grey', [4, 4]);
  return { label: 'requested', identity: own, times: ascending(times), asked, isRequested: true };
}

function curve(label: string, own: Identity, all: readonly RunSeries[], asked: number) {
  const firstS = firstRelease(all);
  const times = collectPoints(all).flatMap((point) => {
    const atS = reachedAtS(point);
    return atS === undefined ? [] : [atS - firstS];
  });
  return { label, identity: own, times: ascending(times), asked, isRequested: false };
}

function collectPoints(all: readonly RunSeries[]) {
  return all.flatMap(({ series }) => series.waves.flatMap(({ points }) => points));
}

function ascending(values: readonly number[]): readonly number[] {
  return [...Float64Array.from(values).sort()];
}

/** Clones and boots that went all the way, stage by stage. */
export function collectStaged(run: Run, all: readonly RunSeries[]): readonly Staged[] {
  const boots = new Set(bootSeries(all));
  return all
    .filter(({ role, series }) => role !== 'boot' || boots.has(series))
    .map((one) => (one.role === 'step' ? stagedStep(one) : staged(run, one)));
}

/** In the words of the scenario. */
function stagedStep({ step, series, spans }: RunSeries): Staged {
  const objects = spans.flatMap((wave, w) =>
    wave.flatMap(({ operation }) => {
      const ends = operation.stages.map(({ atUs }) => atUs);
      if (ends.length < step.stages.length || ends.length < 2) return [];
      const seconds = ends.map((us, i) => toSeconds(us - (ends[i - 1] ?? operation.sentUs)));
      return [{ name: operation.name, cumulative: series.waves[w]?.cumulative ?? 0, seconds }];
    }),
  );
  const { identity: own, noun } = series;
  return { label: noun, identity: own, of: step.name, noun, stages: step.stages, objects };
}

function staged(run: Run, { series, spans, role }: RunSeries): Staged {
  let names: readonly string[] = [];
  const objects = spans.flatMap((wave, w) =>
    wave.flatMap((span) => {
      const times = stagesPassed(run.objects, span);
      if (times === undefined) return [];
      names = times.map(({ stage }) => stageText(role === 'boot' ? 'boot' : 'clone', stage));
      const seconds = times.map(({ us }) => toSeconds(us));
      return [{ name: span.operation.name, cumulative: series.waves[w]?.cumulative ?? 0, seconds }];
    }),
  );
  const { label, noun } = series;
  const of = role === 'boot' ? 'boot' : 'clone';
  return { label, identity: series.identity, of, noun, stages: names, objects };
}
