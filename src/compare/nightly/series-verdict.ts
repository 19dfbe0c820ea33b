/** One figure's finding as a verdict: its state, and where and since when it shows. */

import type { PointEstimate } from '../../analyse/statistics/estimate.ts';
import type { SegmentLevel } from '../change-points/detect-change-points.ts';
import type { Night } from '../history/night.ts';
import {
  type Acknowledged,
  type Acknowledgement,
  findAcknowledgement,
} from './acknowledgements.ts';
import { blameFor } from './blame.ts';
import { type Change, LEARNING_NIGHTS, nightsSince, type SeriesFinding } from './judge-series.ts';
import type { ChangeVerdict, SeriesState, SeriesVerdict } from './verdict.ts';
import { whereabouts } from './whereabouts.ts';

export interface FamilyFacts {
  readonly q: number;
  /** Whether the change stands among all of the night's figures. */
  readonly stands: boolean;
  readonly acknowledgements: readonly Acknowledgement[];
}

/** Values that a verdict carries along, for a sparkline. */
const RECENT_VALUES = 30;

export function seriesVerdict(finding: SeriesFinding, family: FamilyFacts): SeriesVerdict {
  const { key, direction, tonight, nights, expected, points, warnings } = finding;
  const isLearning = nights < LEARNING_NIGHTS;
  const change = family.stands && !isLearning ? finding.change : undefined;
  const acknowledged =
    change === undefined
      ? undefined
      : findAcknowledgement(family.acknowledgements, finding, change);
  const state = chooseState(finding, change, acknowledged);
  const details = explainChange(finding, state, change);
  return {
    state,
    ...key,
    direction,
    tonight,
    nights,
    ...(expected === undefined
      ? {}
      : { expected: { value: expected.center, lo: expected.lo, hi: expected.hi } }),
    ...(change === undefined
      ? {}
      : { change: changeVerdict(finding, change, family.q, acknowledged) }),
    ...details,
    recent: points.slice(-RECENT_VALUES).map(({ value }) => value ?? null),
    warnings,
  };
}

function chooseState(
  { nights, tripped }: SeriesFinding,
  change: Change | undefined,
  acknowledged: Acknowledged | undefined,
): SeriesState {
  if (nights < LEARNING_NIGHTS) return 'learning';
  if (change?.direction === 'worse') {
    const isAccepted = acknowledged !== undefined && !acknowledged.hasExpired;
    if (!isAccepted) return 'regressed';
    return tripped === 'worse' ? 'suspect' : 'acknowledged';
  }
  if (tripped === 'worse') return 'suspect';
  if (change?.direction === 'better') return 'improved';
  return tripped === 'better' ? 'unusual' : 'stable';
}

/** Where it shows, and what could be to blame; of figures that moved only. */
function explainChange(
  finding: SeriesFinding,
  state: SeriesState,
  change: Change | undefined,
): Pick<SeriesVerdict, 'where' | 'blame'> {
  if (state === 'stable' || state === 'learning') return {};
  const isTonight = change === undefined || state === 'suspect';
  const index = isTonight ? finding.points.length - 1 : change.index;
  const nights = finding.points.map(({ night }) => night);
  return {
    where: whereabouts(finding.key, levelBefore(finding, nights, index), nights.slice(index)),
    blame: blameFor(finding, index),
  };
}

/** The nights that the level before a change rests on. */
function levelBefore(
  { change, expected }: SeriesFinding,
  nights: readonly Night[],
  index: number,
): readonly Night[] {
  const count = change?.index === index ? change.before.n : (expected?.n ?? index);
  return nights.slice(Math.max(0, index - count), index);
}

function changeVerdict(
  finding: SeriesFinding,
  { kind, direction, index, p, before, after, ratio }: Change,
  q: number,
  acknowledged: Acknowledged | undefined,
): ChangeVerdict {
  return {
    kind,
    direction,
    p,
    q,
    nights: nightsSince(finding, index),
    before: getEstimate(before),
    ...(after === undefined ? {} : { after: getEstimate(after) }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(acknowledged === undefined
      ? {}
      : {
          acknowledged: {
            reason: acknowledged.entry.reason,
            until: acknowledged.entry.until,
            hasExpired: acknowledged.hasExpired,
          },
        }),
  };
}

function getEstimate({ value, lo, hi }: SegmentLevel): PointEstimate {
  return {
    value,
    ...(lo === undefined ? {} : { lo }),
    ...(hi === undefined ? {} : { hi }),
  };
}
