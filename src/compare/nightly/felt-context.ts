/**
 * What the cluster felt tonight that it had not felt on the nights before: context to a verdict,
 * never part of it, unless the scenario sets a limit.
 */

import type { Night, NightFelt } from '../history/night.ts';

/** The most of a step, tonight and on the nights before. */
export interface FeltNews {
  readonly step: string;
  readonly name: string;
  readonly unit: string;
  readonly tonight: number;
  readonly before: { readonly lo: number; readonly hi: number; readonly nights: number };
}

/** Fewer nights have no range to speak of. */
const NIGHTS_LEAST = 3;
/** Nights differ by chance: a tenth beyond the range of the others is worth a word. */
const BEYOND = 1.1;
const NEWS_MOST = 5;

/** The farthest beyond its range first. */
export function feltNews(tonight: Night, before: readonly Night[]): readonly FeltNews[] {
  const found = (tonight.felt ?? []).flatMap((felt) => newsOf(felt, before) ?? []);
  return found.toSorted((a, b) => distance(b) - distance(a)).slice(0, NEWS_MOST);
}

function newsOf({ step, name, unit, max }: NightFelt, nights: readonly Night[]) {
  if (max === undefined) return undefined;
  const values = nights.flatMap(({ felt = [] }) =>
    felt.flatMap((other) => (other.step === step && other.name === name ? (other.max ?? []) : [])),
  );
  if (values.length < NIGHTS_LEAST) return undefined;
  const before = { lo: Math.min(...values), hi: Math.max(...values), nights: values.length };
  const isNews = max > before.hi * BEYOND || max < before.lo / BEYOND;
  return isNews ? { step, name, unit, tonight: max, before } : undefined;
}

/** What was never above zero may be anything: it comes last. */
function distance({ tonight, before: { lo, hi } }: FeltNews): number {
  if (tonight > hi) return hi > 0 ? tonight / hi : 1;
  return tonight > 0 ? lo / tonight : 1;
}
