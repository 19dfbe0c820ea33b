/** Mean time in each stage, wave by wave: which stage grows as the cluster fills. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { round } from '../chart/parts.ts';
import type { ColourName } from '../chart/theme.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { waveAxis } from './wave-axis.ts';
import { STAGE_COLOURS, stageMeans, type Staged } from './stages.ts';
import { countText, listText, secondsText } from '../wording/numbers.ts';

export function stagesByWave(all: readonly Staged[]): Figure | undefined {
  const drawn = all.map((staged) => ({ staged, waves: averageWaves(staged) }));
  const filled = drawn.filter(({ waves }) => waves.length > 1);
  if (filled.length === 0) return undefined;
  return {
    id: 'stages-by-wave',
    title: 'Stages, wave by wave',
    question: 'Which stage grows as the cluster fills?',
    answer: `From the first to the last wave: ${listText(filled.map(growth))}.`,
    unit: 'seconds',
    rows: panelGrid(
      filled.map(({ staged, waves }) => ({
        title: `${staged.label} ${staged.of}: mean of each stage`,
        chart: chart(staged, waves),
      })),
    ),
    table: {
      caption: 'Mean seconds in each stage, by wave',
      headers: ['arm', 'so far', 'stage', 'mean'],
      rows: filled.flatMap(({ staged, waves }) =>
        waves.flatMap(({ cumulative, means }) =>
          staged.stages.map((stage, s) => [
            `${staged.label} ${staged.of}`,
            countText(cumulative),
            stage,
            secondsText(means[s] ?? 0),
          ]),
        ),
      ),
    },
  };
}

/** Neighbouring waves share a bar where there are more. */
const BARS_MOST = 100;

interface WaveMeans {
  readonly cumulative: number;
  readonly means: readonly number[];
}

function averageWaves(staged: Staged): readonly WaveMeans[] {
  const byWave = new Map<number, Staged['objects'][number][]>();
  for (const object of staged.objects) {
    const known = byWave.get(object.cumulative);
    if (known === undefined) byWave.set(object.cumulative, [object]);
    else known.push(object);
  }
  const sorted = [...byWave].sort(([a], [b]) => a - b);
  const perBar = Math.ceil(sorted.length / BARS_MOST);
  return Array.from({ length: Math.ceil(sorted.length / perBar) }, (_, bar) => {
    const group = sorted.slice(bar * perBar, (bar + 1) * perBar);
    const objects = group.flatMap(([, each]) => each);
    return { cumulative: group.at(-1)?.[0] ?? 0, means: stageMeans({ ...staged, objects }) };
  });
}

function growth({ staged, waves }: { staged: Staged; waves: readonly WaveMeans[] }): string {
  const [first, last] = [waves[0] as WaveMeans, waves.at(-1) as WaveMeans];
  const changes = staged.stages.map((_, s) => (last.means[s] ?? 0) - (first.means[s] ?? 0));
  const most = changes.reduce(
    (at, change, s) => (Math.abs(change) > Math.abs(changes[at] ?? 0) ? s : at),
    0,
  );
  const [from, to] = [first.means[most] ?? 0, last.means[most] ?? 0];
  const change = `${secondsText(from)} to ${secondsText(to)}`;
  return `${staged.label} ${staged.of} ${staged.stages[most]} ${change}`;
}

function chart({ stages, noun }: Staged, waves: readonly WaveMeans[]): ChartSpec {
  return {
    base: 'bar',
    x: {
      ...waveAxis(
        waves.map(({ cumulative }) => cumulative),
        noun,
      ),
      isStacked: true,
    },
    y: { scale: 'linear', format: 'seconds', title: 'mean (seconds)', isStacked: true },
    datasets: stages.map((stage, s) => ({
      series: stage,
      data: waves.map(({ cumulative, means }) => ({ x: cumulative, y: round(means[s] ?? 0) })),
      colour: `@${STAGE_COLOURS[s % STAGE_COLOURS.length] as ColourName}` as const,
      barShare: 0.9,
      stack: 'all',
    })),
  };
}
