/**
 * How far a clock is from ours, over the time of a run: bounds intersected as far as they agree
 * (Marzullo's idea, as in NTP), each growing by what a sound clock may drift in between. Bounds
 * that exclude each other are no noise. The clock was stepped, or several clocks answer under one
 * name; between such bounds the offset may be either.
 */

import type { OffsetEntry } from '../../record/entry.ts';
import { MILLISECOND, SECOND } from '../../core/duration.ts';

/** A clock minus ours lies in [lo, hi], microseconds. */
export interface OffsetBounds {
  readonly lo: number;
  readonly hi: number;
}

export interface OffsetCurve {
  /** Holds for every moment of the time given; run times. */
  between(fromUs: number, toUs: number): OffsetBounds;
  /** Stretches of time in which all bounds agree; more than one after a step. */
  readonly segments: readonly OffsetSegment[];
}

/** Never empty; in order of time. */
export type OffsetSegment = readonly OffsetNode[];

export interface OffsetNode extends OffsetBounds {
  readonly atUs: number;
}

/** Curves by the name of the clock. */
export function offsetCurves(entries: readonly OffsetEntry[]): ReadonlyMap<string, OffsetCurve> {
  const byClock = new Map<string, OffsetEntry[]>();
  for (const entry of entries.toSorted((a, b) => a.t - b.t)) {
    const own = byClock.get(entry.clock);
    if (own === undefined) byClock.set(entry.clock, [entry]);
    else own.push(entry);
  }
  return new Map([...byClock].map(([clock, own]) => [clock, offsetCurve(groupNodes(own))]));
}

/** Far beyond what disciplined oscillators do (NTP slews by 500 ppm at the very most). */
const DRIFT_MAX_PPM = 100;

/**
 * A lease tells only how late its renewal was at the most. That the best of many renewals was
 * nearly prompt is an assumption; the fewer there are, the less is taken for granted, and on a
 * stream that is late on average no more than that.
 */
const PROMPT_RENEWAL: readonly { readonly renewals: number; readonly withinUs: number }[] = [
  { renewals: 20, withinUs: 100 * MILLISECOND },
  { renewals: 5, withinUs: 500 * MILLISECOND },
  { renewals: 0, withinUs: 2 * SECOND },
];

/** Averages are estimates. */
const LATENESS_FACTOR = 1.5;

/** `entries`: those of one clock. */
function groupNodes(entries: readonly OffsetEntry[]): readonly OffsetNode[] {
  // The last average is over the whole run.
  const lateUs = entries.at(-1)?.late ?? 0;
  return entries.map(({ t: atUs, lo, hi, n = 1 }) => {
    if (hi !== undefined) return { atUs, lo, hi };
    const { withinUs } = PROMPT_RENEWAL.find(({ renewals }) => n >= renewals) ?? { withinUs: 0 };
    return { atUs, lo, hi: lo + Math.max(withinUs, Math.ceil(LATENESS_FACTOR * lateUs)) };
  });
}

function offsetCurve(nodes: readonly OffsetNode[]): OffsetCurve {
  const segments = splitSegments(nodes).map(backward);
  const all = segments.flat();
  const ends = segmentEnds(segments);
  return {
    segments,
    between(fromUs, toUs) {
      let bounds = union(boundsAt(all, ends, fromUs), boundsAt(all, ends, toUs));
      for (let i = firstAfter(all, fromUs); i < all.length; i++) {
        const node = all[i] as OffsetNode;
        if (node.atUs > toUs) break;
        bounds = union(bounds, node);
      }
      return bounds;
    },
  };
}

/** Intersects each bound with what is known from those before it, until one disagrees. */
function splitSegments(nodes: readonly OffsetNode[]): OffsetNode[][] {
  const segments: OffsetNode[][] = [];
  for (const node of nodes) {
    const last = segments.at(-1)?.at(-1);
    const agreed = last && intersection(drifted(last, node.atUs), node);
    if (agreed) segments.at(-1)?.push({ atUs: node.atUs, ...agreed });
    else segments.push([node]);
  }
  return segments;
}

/** What became known later holds earlier too. */
function backward(segment: readonly OffsetNode[]): OffsetSegment {
  const tight = [...segment];
  for (let i = tight.length - 2; i >= 0; i--) {
    const node = tight[i] as OffsetNode;
    const agreed = intersection(drifted(tight[i + 1] as OffsetNode, node.atUs), node);
    if (agreed) tight[i] = { atUs: node.atUs, ...agreed };
  }
  return tight;
}

/** Indexes into all nodes at which a segment ends. */
function segmentEnds(segments: readonly OffsetSegment[]): ReadonlySet<number> {
  const ends = new Set<number>();
  let index = -1;
  for (const segment of segments) ends.add((index += segment.length));
  return ends;
}

function boundsAt(
  nodes: readonly OffsetNode[],
  ends: ReadonlySet<number>,
  atUs: number,
): OffsetBounds {
  const after = firstAfter(nodes, atUs);
  const next = nodes[after];
  const last = nodes[after - 1];
  if (last === undefined) return drifted(next as OffsetNode, atUs);
  if (next === undefined) return drifted(last, atUs);
  const [before, behind] = [drifted(last, atUs), drifted(next, atUs)];
  if (ends.has(after - 1)) return union(before, behind);
  return intersection(before, behind) ?? union(before, behind);
}

/** Index of the first node after the time. */
function firstAfter(nodes: readonly OffsetNode[], atUs: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((nodes[middle] as OffsetNode).atUs <= atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drifted({ lo, hi, atUs }: OffsetNode, toUs: number): OffsetBounds {
  const driftUs = Math.ceil((Math.abs(toUs - atUs) * DRIFT_MAX_PPM) / 1e6);
  return { lo: lo - driftUs, hi: hi + driftUs };
}

function intersection(a: OffsetBounds, b: OffsetBounds): OffsetBounds | undefined {
  const lo = Math.max(a.lo, b.lo);
  const hi = Math.min(a.hi, b.hi);
  return lo <= hi ? { lo, hi } : undefined;
}

function union(a: OffsetBounds, b: OffsetBounds): OffsetBounds {
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}
