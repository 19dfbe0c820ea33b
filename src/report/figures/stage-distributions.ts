/** How long each stage took, object by object: one small chart a stage, one curve an arm. */

import { spreadOfValues } from '../../analyse/spread.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { steps, thin, type XY } from '../chart/parts.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import type { Staged } from './stages.ts';
import { listText, secondsText } from '../wording/numbers.ts';

const CURVE_POINTS = 120;

export function stageDistributions(all: readonly Staged[]): Figure | undefined {
  const filled = all.filter(({ objects }) => objects.length > 0);
  if (filled.length === 0) return undefined;
  const kinds = [...new Set(filled.map(({ of }) => of))];
  return {
    id: 'stage-distributions',
    title: 'Each stage by itself',
    question: 'Is a stage slow for all, or for a few?',
    answer: `Widest stage, p5 to p95: ${listText(filled.map(widest))}.`,
    unit: 'seconds',
    rows: kinds.flatMap((kind) => makeRows(filled.filter(({ of }) => of === kind))),
    table: {
      caption: 'Seconds in each stage',
      headers: ['arm', 'stage', 'p5', 'p50', 'p95', 'max'],
      rows: filled.flatMap((staged) =>
        staged.stages.map((stage, s) => {
          const at = spreadOfValues(stageSeconds(staged, s), [0.05, 0.5, 0.95, 1]).map(secondsText);
          return [`${staged.label} ${staged.of}`, stage, ...at];
        }),
      ),
    },
  };
}

function makeRows(arms: readonly Staged[]) {
  const [first] = arms;
  const charts = (first?.stages ?? []).map((stage, s) => ({
    title: `${first?.of}: ${stage}`,
    chart: chart(arms, s),
  }));
  return panelGrid(charts, Math.max(1, Math.min(charts.length, 5))).map((row) => ({
    ...row,
    height: 220,
  }));
}

function stageSeconds({ objects }: Staged, stage: number): readonly number[] {
  return objects.map(({ seconds }) => seconds[stage] ?? 0);
}

function widest(staged: Staged): string {
  const ranges = staged.stages.map((stage, s) => {
    const [lo = 0, hi = 0] = spreadOfValues(stageSeconds(staged, s), [0.05, 0.95]);
    return { stage, lo, hi };
  });
  const most = ranges.reduce((a, b) => (b.hi - b.lo > a.hi - a.lo ? b : a));
  const range = `${secondsText(most.lo)} to ${secondsText(most.hi)}`;
  return `${staged.label} ${staged.of} ${most.stage} ${range}`;
}

function chart(arms: readonly Staged[], stage: number): ChartSpec {
  return {
    base: 'line',
    isSmall: true,
    x: { scale: 'linear', format: 'plain', title: 'seconds', hasGrid: false },
    y: { scale: 'linear', format: 'percent', min: 0, max: 1, at: [0, 0.5, 1] },
    datasets: arms.map((arm) => {
      const sorted = Float64Array.from(stageSeconds(arm, stage)).sort();
      const points = Array.from(sorted, (x, i): XY => [x, (i + 1) / sorted.length]);
      const start: XY = [points[0]?.[0] ?? 0, 0];
      return {
        ...steps(arm.label, arm.identity, [start, ...thin(points, CURVE_POINTS)]),
        width: 2,
      };
    }),
  };
}
