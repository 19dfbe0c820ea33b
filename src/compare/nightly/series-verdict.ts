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

/** Values that a verdict carries along, for a sparkline. */
const RECENT_VALUES = 30;

export function seriesVerdict(
  finding: SeriesFinding,
  acknowledgements: readonly Acknowledgement[],
): SeriesVerdict {
  const { key, direction, tonight, nights, expected, points, warnings, isGated } = finding;
  const isLearning = nights < LEARNING_NIGHTS;
  const open = isLearning ? [] : withAcknowledgements(finding, acknowledgements);
  const state = decideState(finding, open);
  const told = toldChange(finding, open, isLearning);
  return {
    state,
    gated: isGated,
    ...key,
    direction,
    tonight,
    nights,
    ...(expected === undefined
      ? {}
      : { expected: { value: expected.center, lo: expected.lo, hi: expected.hi } }),
    ...(told === undefined ? {} : { change: changeVerdict(finding, told) }),
    ...(open.length < 2 ? {} : { open: open.map((each) => changeVerdict(finding, each)) }),
    ...listDetails(finding, state, told?.change),
    recent: points.slice(-RECENT_VALUES).map(({ value }) => value ?? null),
    warnings,
  };
}

interface ToldChange {
  readonly change: Change;
  readonly acknowledged: Acknowledged | undefined;
}

function withAcknowledgements(
  finding: SeriesFinding,
  acknowledgements: readonly Acknowledgement[],
): readonly ToldChange[] {
  return finding.open.map((change) => ({
    change,
    acknowledged: findAcknowledgement(acknowledgements, finding, change),
  }));
}

/** The oldest change that nobody has accepted stands for all; else the newest that is accepted. */
function toldChange(
  { improved }: SeriesFinding,
  open: readonly ToldChange[],
  isLearning: boolean,
): ToldChange | undefined {
  const told = open.find((each) => !isAccepted(each)) ?? open.at(-1);
  if (told !== undefined || isLearning || improved === undefined) return told;
  return { change: improved, acknowledged: undefined };
}

function isAccepted({ acknowledged }: ToldChange): boolean {
  return acknowledged !== undefined && !acknowledged.hasExpired;
}

function decideState(
  { nights, tripped, isBack, improved }: SeriesFinding,
  open: readonly ToldChange[],
): SeriesState {
  if (nights < LEARNING_NIGHTS) return 'learning';
  if (open.length > 0) {
    if (isBack) return 'recovering';
    if (!open.every(isAccepted)) return 'regressed';
    return tripped === 'worse' ? 'suspect' : 'acknowledged';
  }
  if (tripped === 'worse') return 'suspect';
  if (improved !== undefined) return 'improved';
  return tripped === 'better' ? 'unusual' : 'stable';
}

/** Where it shows, and what could be to blame; of figures that moved only. */
function listDetails(
  finding: SeriesFinding,
  state: SeriesState,
  change: Change | undefined,
): Pick<SeriesVerdict, 'where' | 'blame'> {
  if (state === 'stable' || state === 'learning') return {};
  const isTonight = change === undefined || state === 'suspect';
  const index = isTonight ? finding.points.length - 1 : change.index;
  if (index === 0) return {};
  const nights = finding.points.map(({ night }) => night);
  const before = levelBefore(finding, nights, index, isTonight ? undefined : change);
  const hasGrown = (change?.direction ?? finding.tripped) !== 'better';
  const isLess = finding.direction === 'higherIsBetter';
  return {
    where: whereabouts(finding.key, before, nights.slice(index), hasGrown !== isLess),
    blame: blameFor(finding, index),
  };
}

/** The nights that the level before a change rests on. */
function levelBefore(
  { expected }: SeriesFinding,
  nights: readonly Night[],
  index: number,
  change: Change | undefined,
): readonly Night[] {
  const count = change?.before.n ?? expected?.n ?? index;
  return nights.slice(Math.max(0, index - count), index);
}

function changeVerdict(
  finding: SeriesFinding,
  { change, acknowledged }: ToldChange,
): ChangeVerdict {
  const { kind, direction, index, confirmed, p, q, before, after, ratio } = change;
  return {
    kind,
    direction,
    p,
    q,
    nights: nightsSince(finding, index),
    confirmedNights: nightsSince(finding, confirmed),
    before: toEstimate(before),
    ...(after === undefined ? {} : { after: toEstimate(after) }),
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

function toEstimate({ value, lo, hi }: SegmentLevel): PointEstimate {
  return {
    value,
    ...(lo === undefined ? {} : { lo }),
    ...(hi === undefined ? {} : { hi }),
  };
}
