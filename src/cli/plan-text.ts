/** A plan on paper: its steps, the intended starts of its waves, and what it asks for in all. */

import { formatBytes } from '../core/bytes.ts';
import { formatDuration, SECOND } from '../core/duration.ts';
import type { Pacing, Plan, PlannedOperation, PlannedVariant } from '../plan/plan.ts';
import type { PlanDuration } from '../plan/duration.ts';
import type { PlanSummary, StepSummary, WaveStepSummary, WaveSummary } from '../plan/summary.ts';
import { admissionText, isLetInLate } from './plan-admission.ts';
import { countedText, countText, listText, roughTimeText } from '../report/wording/numbers.ts';
import { labelled, type TextColumn, textTable, wrapped } from '../report/terminal/text-table.ts';

/** How long it takes: by the waves of a run, or by what the simulated cluster is made of. */
export type Lasting =
  | (PlanDuration & { readonly run: string })
  | (Pick<PlanDuration, 'seconds' | 'steps' | 'unmeasured'> & { readonly constants: 'simulated' });

/** Lines for people; `width` is that of the page. */
export function planText(summary: PlanSummary, width: number, lasts?: Lasting): readonly string[] {
  const style = { width, color: false };
  const rows = (cells: readonly (readonly string[])[]) => cells.map((row) => ({ cells: row }));
  const seconds = new Map(lasts?.steps.map((each) => [each.index, each.seconds]));
  const steps = summary.steps.flatMap((step) => stepRows(step, seconds.get(step.index)));
  return [
    ...wrapped(`${summary.scenario}: what a run would do (nothing has been touched)`, width, ''),
    '',
    ...labelled(totals(summary, lasts), width),
    '',
    ...textTable(STEP_COLUMNS, rows(steps), style),
    '',
    ...wrapped(STARTS, width, ''),
    '',
    ...textTable(WAVE_COLUMNS, rows(summary.steps.flatMap(waveRows)), style),
  ];
}

/** A line for each operation: release of its wave and offset, what it does to what. */
export function operationLines(plan: Plan): readonly string[] {
  const lines = plan.steps.flatMap((step) =>
    step.kind === 'pause'
      ? []
      : step.waves.flatMap((wave) =>
          wave.operations.map(
            (operation) =>
              `${operation.id}  wave ${step.index}.${wave.index}  ${formatLine(operation)}`,
          ),
        ),
  );
  return ['', 'Operations', '', ...lines];
}

function formatLine({ offsetUs, verb, kind, namespace, name }: PlannedOperation): string {
  return `+${formatSeconds(offsetUs)}  ${verb} ${kind} ${namespace}/${name}`;
}

/** `1.98s`. */
function formatSeconds(valueUs: number): string {
  return `${(valueUs / SECOND).toFixed(2)}s`;
}

/** `0:32`, `1:13:05`: hours, minutes and seconds since the start of the run. */
function clockText(valueUs: number): string {
  const total = Math.round(valueUs / SECOND);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const STARTS =
  'Intended starts (release since the start of the run, as if operations took no time)';

const STEP_COLUMNS: readonly TextColumn[] = [
  { title: 'step', align: 'left' },
  { title: 'does', align: 'left', isOptional: true },
  { title: 'operations', align: 'right' },
  { title: 'waves', align: 'right' },
  { title: 'lasts', align: 'right' },
  { title: 'next wave', align: 'left', isOptional: true },
  { title: 'until', align: 'left', isOptional: true },
  { title: 'time-out', align: 'right', isOptional: true },
  { title: 'storage', align: 'right' },
];

const WAVE_COLUMNS: readonly TextColumn[] = [
  { title: 'step', align: 'left' },
  { title: 'waves', align: 'left' },
  { title: 'of', align: 'left', isOptional: true },
  { title: 'each', align: 'right' },
  { title: 'first start', align: 'right', isOptional: true },
  { title: 'last start', align: 'right', isOptional: true },
  { title: 'release', align: 'left' },
];

/** `seconds`: how long it lasts; undefined where nothing is known of it. */
function stepRows(step: StepSummary, seconds: number | undefined): readonly (readonly string[])[] {
  const name = `${step.index} ${step.name}`;
  if (step.kind === 'pause') return [[name, `pause ${formatDuration(step.durationUs)}`]];
  const row = [
    name,
    step.does,
    step.isFound ? 'as found' : countText(step.operations),
    step.isFound ? '' : countText(step.waves.length),
    seconds === undefined ? '' : roughTimeText(seconds),
    pacingText(step.pacing) + inFlightText(step.inFlightMax),
    step.goals?.join(', ') ?? step.probe ?? step.until,
    formatDuration(step.timeoutUs),
    step.storageBytes === 0 ? '' : formatBytes(step.storageBytes),
  ];
  if (!step.cleanup) return [row];
  return [row, ['  then', step.does.replace('create', 'delete'), countText(step.operations)]];
}

function pacingText(pacing: Pacing): string {
  if (pacing.loop === 'open') return `every ${formatDuration(pacing.everyUs)}`;
  if (pacing.loop === 'after') return `each after ${pacing.step}`;
  const share = pacing.share === 1 ? 'all' : `${Math.round(pacing.share * 1000) / 10}%`;
  return `after ${share} + ${formatDuration(pacing.pauseUs)}`;
}

function inFlightText(max: number | undefined): string {
  return max === undefined ? '' : `, ${max} in flight`;
}

/** A row for each stretch of waves that differ in nothing but their release. */
function waveRows(step: StepSummary): readonly (readonly string[])[] {
  if (step.kind === 'pause') return [];
  return stretches(step.waves).map((waves) => waveRow(step, waves));
}

function waveRow(step: WaveStepSummary, waves: readonly WaveSummary[]): readonly string[] {
  const [first, second] = waves;
  const last = waves.at(-1);
  if (first === undefined || last === undefined) return [];
  const number = first === last ? `${first.index + 1}` : `${first.index + 1}-${last.index + 1}`;
  const release = [first, second, ...(waves.length > 2 ? [last] : [])].flatMap((wave) =>
    wave === undefined ? [] : clockText(wave.releaseUs),
  );
  return [
    `${step.index} ${step.name}`,
    number + (first.warmup ? ' warm-up' : ''),
    variantsText(step.variants, first.perVariant),
    countText(first.operations),
    `+${formatSeconds(first.firstOffsetUs)}`,
    `+${formatSeconds(first.lastOffsetUs)}`,
    release.join(waves.length > 3 ? ', .. ' : ', '),
  ];
}

function stretches(waves: readonly WaveSummary[]): readonly (readonly WaveSummary[])[] {
  const result: WaveSummary[][] = [];
  for (const wave of waves) {
    const current = result.at(-1);
    if (current?.[0] !== undefined && alike(current[0], wave)) current.push(wave);
    else result.push([wave]);
  }
  return result;
}

function alike(a: WaveSummary, b: WaveSummary): boolean {
  return (
    a.warmup === b.warmup &&
    a.lastOffsetUs === b.lastOffsetUs &&
    a.perVariant.every((n, i) => n === b.perVariant[i])
  );
}

function variantsText(variants: readonly PlannedVariant[], per: readonly number[]): string {
  const there = variants.flatMap((variant, i) => {
    const n = per[i] ?? 0;
    return n === 0 ? [] : [{ n, text: variantText(variant) }];
  });
  const [only] = there;
  if (only !== undefined && there.length === 1) return only.text;
  return there.map(({ n, text }) => `${n} ${text}`).join(' + ');
}

function variantText({ image, source, template }: PlannedVariant): string {
  return [template ?? image, source].filter((part) => part !== undefined).join(' from ');
}

function totals(
  summary: PlanSummary,
  lasts: Lasting | undefined,
): readonly (readonly [string, string])[] {
  const { objects, storageBytes, storageMaxBytes, vmsRunningMax } = summary;
  const kinds = Object.entries(objects).map(([kind, n]) => `${countText(n)} ${kind}`);
  const most = formatBytes(storageMaxBytes);
  const admission = admissionText(summary);
  return [
    ['Lasts', lastingText(summary, lasts)],
    ['Creates', kinds.join(', ')],
    ['Storage', `${formatBytes(storageBytes)} asked for, ${most} at the same time`],
    ...(admission === undefined ? [] : [['Admission', admission] as const]),
    ['VMs', `${countText(vmsRunningMax)} started at the same time`],
    ['Waves', `${countText(summary.waves)} with ${countedText(summary.operations, 'operation')}`],
    ['Aborts', abortText(summary.steps)],
    ['Namespace', summary.namespace],
  ];
}

/** Where nothing is known but the schedule, that is the least of it. */
function lastingText(summary: PlanSummary, lasts: Lasting | undefined): string {
  if (lasts === undefined) {
    const remedy = '--run RUN tells by a run, simulated or real';
    return `at least ${clockText(summary.shortestUs)}, and what the operations take: ${remedy}`;
  }
  if ('constants' in lasts) return reckonedText(summary, lasts);
  const { seconds, least, most, run, unmeasured, extrapolated } = lasts;
  const [from, to] = [least, most].map((each) => clockText(each * SECOND));
  const beyond =
    extrapolated.length === 0
      ? ''
      : `; ${listText(extrapolated)}: greater waves than it had, an extrapolation`;
  const without =
    unmeasured.length === 0 ? '' : `; without ${listText(unmeasured)}, which it did not measure`;
  const text = `${unmeasured.length === 0 ? '' : 'at least '}${clockText(seconds * SECOND)}`;
  const range = `${from}-${to} by its fastest and slowest waves`;
  return `${text} (${range}), by run ${run}${beyond}${without}`;
}

/** What is left out only makes it longer, and so does what is let in too late. */
function reckonedText(
  { steps }: PlanSummary,
  { seconds, unmeasured }: Pick<PlanDuration, 'seconds' | 'unmeasured'>,
): string {
  const isLeast = unmeasured.length > 0 || steps.some(isLetInLate);
  const without =
    unmeasured.length === 0 ? '' : `, without ${listText(unmeasured)}, of which they say nothing`;
  const text = `${isLeast ? 'at least' : 'about'} ${roughTimeText(seconds)}`;
  const by = 'by the constants of the simulated cluster';
  return `${text}, ${by}${without}; of a real one --run RUN tells`;
}

/** Which share of a wave's operations may miss, where steps differ for each. */
function abortText(steps: readonly StepSummary[]): string {
  const budgets = new Map<number, number[]>();
  for (const step of steps) {
    if (step.kind === 'pause') continue;
    const { waveErrorBudget, index } = step;
    budgets.set(waveErrorBudget, [...(budgets.get(waveErrorBudget) ?? []), index]);
  }
  const texts = [...budgets].map(([budget, indexes]) => {
    const where = `step${indexes.length > 1 ? 's' : ''} ${indexes.join(', ')}`;
    if (budget === 1) return `${where} never`;
    if (budget === 0) return `${where} at the first miss`;
    return `${where} when more than ${Number((budget * 100).toFixed(1))}% of a wave miss`;
  });
  return texts.join('; ');
}
