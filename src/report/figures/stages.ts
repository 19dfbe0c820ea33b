/**
 * Where the time goes: mean time in each stage (means add up, percentiles do not), and three real
 * objects stage by stage: the one at the median, the one at the 95th percentile, the slowest.
 */

import { spreadOfValues } from '../../analyse/spread.ts';
import type { ChartSpec, DatasetSpec } from '../chart/chart-spec.ts';
import { round } from '../chart/parts.ts';
import { plainNumber } from '../chart/format.ts';
import type { ColourName, Identity } from '../chart/theme.ts';
import type { Figure, Panel, PanelRow } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { listText, secondsText } from '../wording/numbers.ts';

/** All objects of one arm that went all the way, with their time in each stage. */
export interface Staged {
  readonly label: string;
  readonly identity: Identity;
  /** `clone`, `boot`: arms of one kind share their stages and a panel. */
  readonly of: string;
  readonly noun: string;
  readonly stages: readonly string[];
  readonly objects: readonly StagedObject[];
}

interface StagedObject {
  readonly name: string;
  /** Asked for up to and including its wave. */
  readonly cumulative: number;
  /** In each of the stages. */
  readonly seconds: readonly number[];
}

export function stages(all: readonly Staged[]): Figure | undefined {
  const filled = all.filter(({ objects }) => objects.length > 0);
  if (filled.length === 0) return undefined;
  return {
    id: 'stages',
    title: 'Where the time goes',
    question: 'Which stage takes the time?',
    answer: `Longest stage on average: ${listText(filled.map(longestStage))}.`,
    unit: 'seconds',
    rows: [
      meanRow(filled),
      ...panelGrid(
        filled.map((one) => ({ title: waterfallTitle(one), chart: waterfall(one) })),
      ).map((row) => ({ ...row, height: WATERFALL_HEIGHT })),
    ],
    table: {
      caption: 'Mean seconds in each stage',
      headers: ['of', 'arm', 'objects', 'stage', 'mean', 'share'],
      rows: filled.flatMap(tableRows),
    },
    notes: [
      'Only objects that went all the way. A stage that the controllers skipped takes no time.',
      'The three objects below are real ones, picked by their total time.',
    ],
  };
}

export const STAGE_COLOURS: readonly ColourName[] = [
  'grey',
  'sky',
  'green',
  'orange',
  'vermillion',
  'purple',
];

const WATERFALL_HEIGHT = 205;

export function stageMeans({ stages: names, objects }: Staged): readonly number[] {
  return names.map(
    (_, s) => objects.reduce((sum, { seconds }) => sum + (seconds[s] ?? 0), 0) / objects.length,
  );
}

function sumStages({ seconds }: StagedObject): number {
  return seconds.reduce((sum, stage) => sum + stage, 0);
}

function longestStage(staged: Staged): string {
  const means = stageMeans(staged);
  const most = means.indexOf(Math.max(...means));
  const share = (means[most] ?? 0) / means.reduce((sum, each) => sum + each, 0);
  const percent = plainNumber(100 * share, 2);
  const time = `${secondsText(means[most] ?? 0)} (${percent} %)`;
  return `${staged.label} ${staged.of}: ${staged.stages[most]}, ${time}`;
}

/** One panel a kind, as wide as the others. */
function meanRow(all: readonly Staged[]): PanelRow {
  const kinds = [...new Set(all.map(({ of }) => of))];
  const panels = kinds.map((kind): Panel => {
    const arms = all.filter(({ of }) => of === kind);
    return { title: `Mean ${kind}, stage by stage`, share: 1, chart: meanBars(arms) };
  });
  return {
    height: 110 + 50 * Math.max(...kinds.map((k) => all.filter(({ of }) => of === k).length)),
    panels,
  };
}

function meanBars(arms: readonly Staged[]): ChartSpec {
  const means = arms.map(stageMeans);
  const names = (arms[0] as Staged).stages;
  return {
    ...lyingBars(arms.map(({ label }) => label)),
    datasets: names.map((stage, s) =>
      segment(
        stage,
        s,
        means.map((each) => each[s] ?? 0),
      ),
    ),
  };
}

function waterfallTitle({ label, of }: Staged): string {
  return `${label}: three real ${of}s`;
}

function waterfall(staged: Staged): ChartSpec {
  const picked = pick(staged.objects);
  return {
    ...lyingBars(picked.map(({ what, object }) => [what, shortName(object.name)])),
    hasLegend: false,
    datasets: staged.stages.map((stage, s) =>
      segment(
        stage,
        s,
        picked.map(({ object }) => object.seconds[s] ?? 0),
      ),
    ),
  };
}

/** Objects at the median and the 95th percentile of the total, and the slowest. */
function pick(objects: readonly StagedObject[]) {
  const [p50 = 0, p95 = 0, most = 0] = spreadOfValues(objects.map(sumStages), [0.5, 0.95, 1]);
  const at = (what: string, total: number) => ({
    what,
    object: objects.find((object) => sumStages(object) === total) as StagedObject,
  });
  return [at('p50', p50), at('p95', p95), at('slowest', most)];
}

function shortName(name: string): string {
  return name.length <= 22 ? name : `${name.slice(0, 10)}…${name.slice(-11)}`;
}

function lyingBars(labels: ChartSpec['labels'] & {}): Omit<ChartSpec, 'datasets'> {
  return {
    base: 'bar',
    isHorizontal: true,
    labels,
    x: { scale: 'linear', format: 'seconds', title: 'seconds', isStacked: true },
    y: {
      scale: 'category',
      format: 'plain',
      hasGrid: false,
      isStacked: true,
      isEveryLabelShown: true,
    },
  };
}

function segment(stage: string, index: number, seconds: readonly number[]): DatasetSpec {
  return {
    series: stage,
    data: seconds.map(round),
    colour: `@${STAGE_COLOURS[index % STAGE_COLOURS.length] as ColourName}`,
    border: '@ground',
    borderWidth: 1,
    barShare: 0.7,
    stack: 'all',
  };
}

function tableRows(staged: Staged) {
  const means = stageMeans(staged);
  const total = means.reduce((sum, each) => sum + each, 0);
  return staged.stages.map((stage, s) => [
    staged.of,
    staged.label,
    staged.objects.length,
    stage,
    secondsText(means[s] ?? 0),
    `${plainNumber((100 * (means[s] ?? 0)) / Math.max(total, 1e-9), 3)} %`,
  ]);
}
