/**
 * The operations of a load that somebody else makes, worked out of what was seen of it: the
 * creation of each object that has a milestone. An operation begins with the first sight, for when
 * it was meant to begin or was asked for, nobody told us.
 */

import { SECOND } from '../core/duration.ts';
import { FOUND_FAILURES, FOUND_GOALS, wasThereBefore } from '../record/found.ts';
import { milestonesBeyond } from '../catalogue/metric-sets.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { Variant } from '../record/entry.ts';
import { classOfMiss, type MissClass } from '../record/miss-class.ts';
import type { ObjectTable, Sighting } from '../record/object-table.ts';
import type { Miss, Operation, Run, RunStep, RunWave } from '../record/run.ts';
import { getStreamName } from '../record/stream-of.ts';
import { variantFinder } from './found-images.ts';
import { objectSighting } from './milestone-sighting.ts';

/** `told`: the objects as the history tells of them, their times not narrowed yet. */
export function withFound(run: Run, told: ObjectTable): Run {
  const step = run.steps.find(({ kind }) => kind === 'observe');
  if (step === undefined) return run;
  const { finds, thereBefore } = findObjects(run, told);
  const { waves, waveOf } = splitBursts(finds, step);
  const filing = createFiling(run, finds);
  const watchedUntil = new Map(
    Object.keys(FOUND_GOALS).map((kind) => [kind, watchedUntilUs(run, kind)]),
  );
  const operations = finds.map((find, id): Operation => {
    const { object, kind, seen } = find;
    const until = filing.goalOf(find);
    return {
      id,
      step: step.index,
      wave: waveOf(find),
      verb: 'create',
      kind,
      name: run.objects.nameOf(object),
      variant: filing.variantOf(find),
      disks: 0,
      intendedUs: seen.atUs,
      sentUs: seen.atUs,
      ack: undefined,
      stages: [],
      miss: findMiss(run.objects, find, {
        until,
        timeoutUs: step.timeoutUs,
        lastUs: watchedUntil.get(kind) ?? run.lastUs,
      }),
      found: { object, until },
    };
  });
  const counts = { plannedWaves: waves.length, plannedOperations: operations.length };
  const found = { ...step, ...counts, variants: filing.variants };
  const steps = run.steps.map((one) => (one === step ? found : one));
  return { ...run, steps, waves, operations, thereBefore };
}

/** An object that somebody else created while we looked on. */
interface Find {
  readonly object: number;
  readonly kind: string;
  readonly seen: Sighting;
}

/** In order of first sight; what was there before is only counted, by kind. */
function findObjects({ objects }: Run, told: ObjectTable) {
  const finds: Find[] = [];
  const before = new Map<string, number>();
  for (let object = 0; object < objects.size; object++) {
    const kind = objects.kindOf(object);
    if (FOUND_GOALS[kind] === undefined) continue;
    if (wasThereBefore(told.seen(object).afterUs)) before.set(kind, (before.get(kind) ?? 0) + 1);
    else finds.push({ object, kind, seen: objects.seen(object) });
  }
  finds.sort((a, b) => a.seen.atUs - b.seen.atUs || a.object - b.object);
  return { finds, thereBefore: Object.fromEntries(before) };
}

/** A wave is a burst of creations of one kind, apart from the next by a gap. */
function splitBursts(finds: readonly Find[], { index: step, waveGapUs = 0 }: RunStep) {
  const bursts: { readonly releaseUs: number; size: number; lastUs: number }[] = [];
  const current = new Map<string, number>();
  const places = new Map<Find, number>();
  for (const find of finds) {
    const { atUs } = find.seen;
    let place = current.get(find.kind);
    let burst = place === undefined ? undefined : bursts[place];
    if (place === undefined || burst === undefined || atUs - burst.lastUs > waveGapUs) {
      place = bursts.length;
      bursts.push((burst = { releaseUs: atUs, size: 0, lastUs: atUs }));
      current.set(find.kind, place);
    }
    burst.size += 1;
    burst.lastUs = atUs;
    places.set(find, place);
  }
  const waves = bursts.map(({ releaseUs, size }, index): RunWave => {
    return { step, index, releaseUs, size, warmup: false, end: undefined };
  });
  return { waves, waveOf: (find: Find) => places.get(find) ?? 0 };
}

/** Variants are numbered as they come. */
function createFiling(run: Run, finds: readonly Find[]) {
  const variants: Variant[] = [];
  const numbers = new Map<string, number>();
  const places = new Map<Find, number>();
  const farthest = new Map<number, { readonly place: number; readonly milestone: Milestone }>();
  const variantOfObject = variantFinder(run);
  for (const find of finds) {
    const variant = variantOfObject(find.object);
    const key = `${find.kind}/${variant.image}/${variant.source}`;
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = variants.length));
      variants.push(variant);
    }
    places.set(find, number);
    for (const [place, milestone] of milestonesBeyond(find.kind).entries()) {
      if (place < (farthest.get(number)?.place ?? 0)) continue;
      if (objectSighting(run.objects, find.object, milestone)) {
        farthest.set(number, { place, milestone });
      }
    }
  }
  const variantOf = (find: Find) => places.get(find) ?? 0;
  return {
    variants,
    variantOf,
    /** Where one guest of an image has an agent, all are taken to have one. */
    goalOf(find: Find): Milestone {
      return farthest.get(variantOf(find))?.milestone ?? FOUND_GOALS[find.kind] ?? 'none';
    },
  };
}

interface Awaited {
  readonly until: Milestone;
  readonly timeoutUs: number;
  /** To here its kind was watched. */
  readonly lastUs: number;
}

/** What came first of all that can keep an object from its milestone; undefined where nothing. */
function findMiss(
  objects: ObjectTable,
  { object, kind, seen }: Find,
  { until, timeoutUs, lastUs }: Awaited,
): Miss | undefined {
  const reached = objectSighting(objects, object, until);
  const gone = objects.deleted(object);
  const deadlineUs = seen.atUs + timeoutUs;
  const obstacles: Obstacle[] = [
    ...listFailures(objects, object, kind),
    ...(gone === undefined
      ? []
      : [{ how: 'censored', reason: 'Deleted', atUs: gone.atUs } as const]),
    ...(deadlineUs < lastUs
      ? [{ how: 'censored', reason: 'Timeout', atUs: deadlineUs } as const]
      : []),
    { how: 'censored', reason: 'Unfinished', atUs: Math.max(seen.atUs, lastUs) },
  ];
  const first = obstacles.reduce((a, b) => (b.atUs < a.atUs ? b : a));
  const isIn = ({ atUs, afterUs }: Sighting) => atUs <= first.atUs || afterUs < first.atUs;
  if (reached !== undefined && (first.reason === 'Unfinished' || isIn(reached))) return undefined;
  return { ...first, ...wordsOn(objects, object, first) };
}

/** The end is written a moment after the gaps that nothing has closed. */
const END_AFTER_GAP_US = SECOND;

/** Where the watch was down at the end, nothing is known of what came after its last sign. */
function watchedUntilUs({ gaps, lastUs }: Run, kind: string): number {
  const stream = getStreamName(kind);
  const last = gaps.findLast(({ k }) => k === stream);
  return last !== undefined && last.t >= lastUs - END_AFTER_GAP_US ? last.from : lastUs;
}

type Obstacle = Pick<Miss, 'how' | 'reason' | 'atUs'>;

function listFailures(objects: ObjectTable, object: number, kind: string): Obstacle[] {
  return FOUND_FAILURES.filter((one) => one.kind === kind).flatMap(({ change, value, reason }) => {
    const found = objects.first(object, change, value);
    return found === undefined ? [] : [{ how: 'failed', reason, atUs: found.atUs }];
  });
}

/** What stood in the way: the last trouble of the object, or of what it owns. */
function wordsOn(
  objects: ObjectTable,
  object: number,
  { how, reason }: Obstacle,
): Pick<Miss, 'class' | 'message'> {
  if (reason === 'Unfinished') return { class: 'CutOff', message: undefined };
  const troubled = [object, ...objects.childrenOf(object)].find((one) => {
    const trouble = objects.latest(one, 'trouble');
    return trouble !== undefined && trouble !== 'none';
  });
  if (how === 'failed' || reason !== 'Timeout' || troubled === undefined) {
    return { class: classOfMiss(reason, undefined), message: undefined };
  }
  return {
    class: objects.latest(troubled, 'trouble') as MissClass,
    message: objects.latest(troubled, 'troubleMessage'),
  };
}
