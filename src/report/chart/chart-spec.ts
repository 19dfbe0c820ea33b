/**
 * A chart as data: what is drawn, in which units, with names instead of colours and of formats. It
 * is JSON, so the page carries it as it is; `configuration.ts` makes a chart.js configuration of it
 * for the picture and on the page alike.
 */

import type { Colour, Marker } from './theme.ts';

export interface ChartSpec {
  readonly base: 'bar' | 'line' | 'scatter';
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  /** A second scale on the right. */
  readonly y2?: AxisSpec;
  /** Categories of the category axis; an array is a label of several lines. */
  readonly labels?: readonly (string | readonly string[])[];
  readonly datasets: readonly DatasetSpec[];
  /** Bars lie. */
  readonly isHorizontal?: boolean;
  readonly hasLegend?: boolean;
  /** One of many in a row. */
  readonly isSmall?: boolean;
  readonly rules?: readonly Rule[];
  readonly texts?: readonly TextMark[];
  readonly colourKey?: ColourKey;
}

export type ValueFormat =
  | 'seconds'
  | 'milliseconds'
  | 'minutes'
  | 'hours'
  | 'count'
  | 'percent'
  | 'percentile'
  | 'gibibytes'
  | 'tebibytes'
  | 'perSecond'
  | 'plain';

export interface AxisSpec {
  readonly scale: 'linear' | 'log' | 'category';
  /** Says the unit. */
  readonly title?: string;
  readonly format: ValueFormat;
  readonly min?: number;
  readonly max?: number;
  /** The axis reaches at least this far. */
  readonly suggestedMax?: number;
  readonly isStacked?: boolean;
  readonly hasGrid?: boolean;
  /** Pixels that labels and title take at the side: charts above each other share their axis. */
  readonly width?: number;
  /** Category axes leave no label out. */
  readonly isEveryLabelShown?: boolean;
  /** Ticks at these values and nowhere else. */
  readonly at?: readonly number[];
  /** What stands at 0, 1, 2 in place of numbers. */
  readonly names?: readonly string[];
}

/** `null` breaks a line. */
export type Point =
  | number
  | null
  | readonly [x: number, y: number | null]
  | { readonly x: number; readonly y: number | readonly [lo: number, hi: number] };

export interface DatasetSpec {
  readonly type?: 'bar' | 'line' | 'scatter';
  /** Datasets of one series are shown and hidden together. */
  readonly series: string;
  readonly isInLegend?: boolean;
  readonly data: readonly (Point | readonly [lo: number, hi: number])[];
  readonly colour: Colour | readonly Colour[];
  readonly border?: Colour;
  readonly borderWidth?: number;
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly stepped?: 'before' | 'after';
  readonly marker?: Marker;
  readonly markerSize?: number;
  /** chart.js's fill: `origin`, or the dataset so many places before this one. */
  readonly fill?: 'origin' | '-1';
  readonly stack?: string;
  readonly isOnRight?: boolean;
  /** Bars: share of the room that a bar takes. */
  readonly barShare?: number;
  /** Bars side by side (default), or each over the others. */
  readonly isOverlaid?: boolean;
  readonly corner?: number;
  /** Error bars in the unit of the value axis. */
  readonly whiskers?: readonly (readonly [lo: number, hi: number] | null)[];
  readonly whiskerColour?: Colour;
  /** Written at the end of each bar. */
  readonly valueLabels?: readonly string[];
  /** Says what each point is, in its tooltip. */
  readonly pointNames?: readonly string[];
  /** Smaller is in front. */
  readonly order?: number;
}

/** A line or a strip across the chart. */
export interface Rule {
  readonly axis: 'x' | 'y';
  readonly from: number;
  /** Absent for a line. */
  readonly to?: number;
  readonly colour: Colour;
  readonly dash?: readonly number[];
  readonly label?: string;
}

/** Words in the chart, at data coordinates or at its edges. */
export interface TextMark {
  readonly x: number | 'left' | 'right' | 'center';
  readonly y: number | 'top' | 'bottom' | 'middle';
  readonly text: string;
  readonly align?: 'left' | 'right' | 'center';
  readonly dx?: number;
  readonly dy?: number;
  readonly colour?: Colour;
  readonly size?: number;
  readonly isBold?: boolean;
}

/** What the colours of cells stand for. */
interface ColourKey {
  readonly title: string;
  readonly colours: readonly string[];
  readonly from: string;
  readonly to: string;
}
