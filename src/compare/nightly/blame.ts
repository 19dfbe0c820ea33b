/**
 * Who could have done it: what differs between the last night of the old level and the first of the
 * new one. That is the interval in which to look, not a cause; but where one constant or one
 * release differs and nothing else, there is little left to look for.
 */

import type { Night } from '../history/night.ts';
import { nightAt, type SeriesFinding } from './judge-series.ts';

export interface Blame {
  readonly lastGood: NightName;
  readonly firstBad: NightName;
  readonly differences: readonly Difference[];
  /** Where these two do not differ: what changed within two nights of them. */
  readonly nearby: readonly Difference[];
}

interface NightName {
  readonly run: string;
  readonly started: string;
}

export interface Difference {
  readonly fact: string;
  /** Absent where it was not there. */
  readonly before?: string;
  readonly after?: string;
}

/** A change point may be a night or two beside the change. */
const NEARBY_NIGHTS = 2;

/** The blame interval of the change whose first night is at `index`, which is not the first. */
export function blameFor(finding: SeriesFinding, index: number): Blame {
  const lastGood = nightAt(finding, index - 1);
  const firstBad = nightAt(finding, index);
  const differences = factDifferences(lastGood, firstBad);
  return {
    lastGood: formatName(lastGood),
    firstBad: formatName(firstBad),
    differences,
    nearby: differences.length > 0 ? [] : nearbyDifferences(finding, index),
  };
}

/** Facts of the environment that are not the same, by name. */
export function factDifferences(a: Night, b: Night): readonly Difference[] {
  return recordDifferences(a.environment.facts, b.environment.facts);
}

export function recordDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((fact) => ({
      fact,
      ...(before[fact] === undefined ? {} : { before: before[fact] }),
      ...(after[fact] === undefined ? {} : { after: after[fact] }),
    }));
}

function nearbyDifferences(finding: SeriesFinding, index: number): readonly Difference[] {
  const first = Math.max(0, index - 1 - NEARBY_NIGHTS);
  const last = Math.min(finding.points.length - 1, index + NEARBY_NIGHTS);
  return factDifferences(nightAt(finding, first), nightAt(finding, last));
}

function formatName({ run, started }: Night): NightName {
  return { run, started };
}
