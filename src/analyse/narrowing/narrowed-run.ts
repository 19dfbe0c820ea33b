/**
 * A run whose sightings say how well they are known: an event on an unbroken connection is exact
 * unless something proves it late, what came after a gap is an interval, and both are as narrow as
 * stamps, answers and the order of events allow. Stamps never move a time, they only bound it; and
 * where they contradict what was seen, what was seen counts.
 */

import { findMark } from '../../catalogue/milestone-marks.ts';
import type { ObjectTable, Sighting } from '../../record/object-table.ts';
import type { Run } from '../../record/run.ts';
import { stampOrigin } from '../../record/stamp-origins.ts';
import { collectEvidence, type Evidence } from './evidence.ts';
import { PROMPT_US } from './stream-facts.ts';

/** The same run with narrowed sightings; itself where there is nothing to narrow. */
export function narrowed(run: Run): Run {
  const evidence = collectEvidence(run);
  return evidence.isIdle ? run : { ...run, objects: narrowedTable(run.objects, evidence) };
}

const PROBED = findMark('reachable')?.change;

/** When something was surely committed at the earliest, and surely seen by a prompt watcher. */
interface Knowledge {
  readonly lo: number;
  readonly hi: number;
}

const NOTHING: Knowledge = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };

function narrowedTable(objects: ObjectTable, evidence: Evidence): ObjectTable {
  const refine = refiner(evidence);
  const seen = (object: number) =>
    refine(objects.kindOf(object), objects.seen(object), creation(evidence, object));
  return {
    ...objects,
    seen,
    first(object, name, value) {
      const change = objects.first(object, name, value);
      // What a probe found out no stream has brought: it is as well known as the probe says.
      if (change === undefined || name === PROBED) return change;
      const kind = objects.kindOf(object);
      const known = written(objects, evidence, object, change);
      const lo = Math.max(known.lo, seen(object).afterUs);
      return { ...change, ...refine(kind, change, { ...known, lo }, change.isCoalesced) };
    },
    deleted(object) {
      const sighting = objects.deleted(object);
      if (sighting === undefined) return undefined;
      const lo = seen(object).afterUs;
      return refine(objects.kindOf(object), sighting, { ...NOTHING, lo });
    },
  };
}

type Refine = (
  kind: string,
  sighting: Sighting,
  known: Knowledge,
  isCoalesced?: boolean,
) => Sighting;

function refiner(evidence: Evidence): Refine {
  return (kind, { atUs, afterUs }, known, isCoalesced = false) => {
    const facts = evidence.facts(kind);
    const committedUs = Math.max(known.lo, facts.committedAfterUs(atUs));
    const upSinceUs = facts.upSinceUs(atUs);
    const isLive =
      afterUs === atUs || (!isCoalesced && upSinceUs !== undefined && committedUs >= upSinceUs);
    const latenessUs = facts.latenessUs(atUs);
    if (isLive && latenessUs === undefined) return { atUs, afterUs: atUs };
    // That a late stream was alive says nothing of what it had still to bring.
    const leastUs = isLive
      ? Math.max(0, atUs - (latenessUs ?? 0))
      : Math.max(0, afterUs - (facts.latenessUs(afterUs) ?? 0));
    // A list can be quicker than a stream, and all times are those of a prompt stream.
    const mostUs = upSinceUs === undefined ? atUs + PROMPT_US : atUs;
    const hi = Math.min(mostUs, known.hi);
    return (
      within(Math.max(leastUs, committedUs), hi) ??
      within(Math.max(leastUs, known.lo), hi) ?? { atUs: mostUs, afterUs: leastUs }
    );
  };
}

function within(lo: number, hi: number): Sighting | undefined {
  return lo <= hi ? { atUs: hi, afterUs: lo } : undefined;
}

/** Our own request and its answer bound a creation; the API server's stamp only from below. */
function creation({ stamps, commitOf }: Evidence, object: number) {
  const stamp = stamps.ofCreation(object);
  const { lo, hi } = commitOf(object) ?? NOTHING;
  return { lo: Math.max(lo, stamp?.lo ?? lo), hi: hi + PROMPT_US };
}

/** A change's own stamp, or that of the condition that its writer sets along with it. */
function written(
  objects: ObjectTable,
  { stamps, writerLagUs }: Evidence,
  object: number,
  change: { readonly name: string; readonly value: string } & Pick<
    NonNullable<ReturnType<ObjectTable['first']>>,
    'stamp' | 'atUs'
  >,
): Knowledge {
  const stamp = ownStamp(objects, object, change);
  // CDI can stamp Ready with the time of the creation; a quick clone does not need it.
  if (stamp === undefined || stamp.seconds === objects.createdSeconds(object)) return NOTHING;
  const bounds = stamps.of(stamp.seconds, stamp.clock, change.atUs);
  if (bounds === undefined) return NOTHING;
  const lagUs = writerLagUs(stamp.clock);
  return {
    lo: bounds.lo,
    hi: lagUs === undefined ? NOTHING.hi : bounds.hi + lagUs + PROMPT_US,
  };
}

type Stamped = Pick<NonNullable<ReturnType<ObjectTable['first']>>, 'name' | 'value' | 'stamp'>;

/** That its writer set when it wrote; CDI stamps no phase, and sets Ready along with the last. */
function ownStamp(objects: ObjectTable, object: number, change: Stamped): Stamped['stamp'] {
  const isDone = change.name === 'phase' && change.value === 'Succeeded';
  const stamped = change.stamp || !isDone ? change : objects.first(object, 'Ready', 'True');
  if (stamped === undefined) return undefined;
  const origin = stampOrigin(objects.kindOf(object), stamped.name, stamped.value);
  return origin === 'own' ? stamped.stamp : undefined;
}
