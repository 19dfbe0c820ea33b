/** Panels in rows of two, as most figures lay them out; one alone gets the whole width. */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { HALF_ROW_HEIGHT, type PanelRow, ROW_HEIGHT } from './figure.ts';

export interface NamedChart {
  readonly title: string;
  readonly chart: ChartSpec;
}

export function panelGrid(charts: readonly NamedChart[], perRow = 2): readonly PanelRow[] {
  const height = charts.length > perRow ? HALF_ROW_HEIGHT : ROW_HEIGHT;
  const rows: PanelRow[] = [];
  for (let i = 0; i < charts.length; i += perRow) {
    const panels = charts.slice(i, i + perRow).map((one) => ({ ...one, share: 1 }));
    rows.push({ height, panels });
  }
  return rows;
}
