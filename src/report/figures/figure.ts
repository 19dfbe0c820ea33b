/**
 * A figure: a question, its answer in words, the charts that show it and the table behind them. All
 * of it is data made from numbers, so that the page, the picture, a screen reader and a reader
 * without scripts get the same answer.
 */

import type { ChartSpec } from '../chart/chart-spec.ts';

export interface Figure {
  /** Also the name of its PNG file. */
  readonly id: string;
  readonly title: string;
  /** What a planner would ask. */
  readonly question: string;
  /** The answer in one sentence, with numbers. */
  readonly answer: string;
  readonly unit: string;
  /** Rows of panels; each panel's share of its row. */
  readonly rows: readonly PanelRow[];
  readonly table: Table;
  /** What a reader could get wrong. */
  readonly notes?: readonly string[];
}

export interface PanelRow {
  readonly height: number;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  /** Share of the row's width. */
  readonly share: number;
  readonly chart: ChartSpec;
}

export interface Table {
  readonly caption: string;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** On a terminal: the values of this column are headings above their rows. */
  readonly groupedBy?: number;
  /** On a terminal: these columns are the first to go where there is little room. */
  readonly spare?: readonly string[];
  /** How to read it, in a sentence or two. */
  readonly legend?: string;
}

/** Numbers are set right. */
type Cell = string | number;

/** What a screen reader says in place of the picture. */
export function altText(figure: Figure): string {
  return `${figure.title}. ${figure.answer}`;
}

/** Of letters, digits and hyphens, whatever the images of the scenario are called. */
export function fileName({ id }: Figure): string {
  return `${id.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 100)}.png`;
}

/** A figure of one row. */
export function oneRow(...panels: readonly Panel[]): readonly PanelRow[] {
  return [{ height: ROW_HEIGHT, panels }];
}

export const ROW_HEIGHT = 400;

export const HALF_ROW_HEIGHT = 250;
