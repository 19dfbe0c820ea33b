/** Two runs compared, as the forest figure takes it. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { compareRuns, type ComparisonRow, judgedRatio } from '../../compare/compare-runs.ts';
import type { ForestInput, ForestRow } from '../figures/forest.ts';
import { estimateText } from '../wording/numbers.ts';
import { metricText, variantText } from '../../catalogue/names.ts';
import type { ReportSource } from './figures-of-run.ts';

export function makeForestInput(base: ReportSource, head: ReportSource): ForestInput {
  const { rows, differences } = compareRuns(base, head);
  return {
    base: base.summary.run.id,
    head: head.summary.run.id,
    rows: told(rows.map(forestRow), rows),
    differences: differences.map(({ what }) => what),
  };
}

/** Rows that would bear the same label get their step's name too. */
function told(rows: readonly ForestRow[], of: readonly ComparisonRow[]): readonly ForestRow[] {
  return rows.map((row, i) => {
    const isAlone = rows.filter(({ label }) => label === row.label).length === 1;
    return isAlone ? row : { ...row, label: `${row.label} (${of[i]?.dimensions.step})` };
  });
}

function forestRow(row: ComparisonRow): ForestRow {
  const { metric, dimensions, measure, medians, q, verdict } = row;
  const label = `${variantText(dimensions)} ${metricText(metric)}`.trim();
  const isShare = measure === 'success';
  const text = (side: Estimate) => (isShare ? '-' : estimateText(side));
  return {
    label: isShare ? `${label}, success` : label,
    ratio: judgedRatio(row),
    base: text(medians.baseline),
    head: text(medians.head),
    q: q ?? 1,
    verdict,
  };
}
