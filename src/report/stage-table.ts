/** Where the time of clones and boots went: mean seconds in each stage. */

import type { StageBreakdown } from '../analyse/stages.ts';
import type { Summary } from '../analyse/summary.ts';
import { STAGED, type Staged } from '../catalogue/metrics.ts';
import { countText, secondsText } from './number-text.ts';
import { variantText } from './result-table.ts';
import { heading, numbers, type TextStyle, textTable, words } from './text-table.ts';

const TITLES: Readonly<Record<Staged, string>> = {
  clone: 'Clone stages (mean seconds in each)',
  boot: 'Boot stages (mean seconds in each)',
};

const STAGE_TITLES: Readonly<Record<string, string>> = {
  startAsked: 'start asked',
  inProgress: 'in progress',
};

export function stageSections(summary: Summary, style: TextStyle): readonly (readonly string[])[] {
  return STAGED.map((of) =>
    section(
      TITLES[of],
      summary.stages.filter((breakdown) => breakdown.of === of),
      style,
    ),
  );
}

function section(
  title: string,
  breakdowns: readonly StageBreakdown[],
  style: TextStyle,
): readonly string[] {
  if (breakdowns.length === 0) return [];
  const stages = [...new Set(breakdowns.flatMap((b) => b.stages.map(({ stage }) => stage)))];
  const titles = stages.map((stage) => STAGE_TITLES[stage] ?? stage);
  const columns = [words('step'), ...numbers('n', ...titles, 'all')];
  const rows = breakdowns.map((breakdown) => ({ cells: stageCells(breakdown, stages) }));
  return [heading(title, style), ...textTable(columns, rows, style)];
}

function stageCells(breakdown: StageBreakdown, stages: readonly string[]): readonly string[] {
  const { dimensions, n } = breakdown;
  const means = stages.map(
    (stage) => breakdown.stages.find((mean) => mean.stage === stage)?.seconds,
  );
  const total = breakdown.stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    `${dimensions.step}: ${variantText(dimensions)}`,
    countText(n),
    ...means.map((mean) => (mean === undefined ? '-' : secondsText(mean))),
    secondsText(total),
  ];
}
