/**
 * One pass over a run for what proves sightings late: answers to our own creations (our own clock,
 * to the millisecond; `answers.ts`), and stamps that controllers and nodes set when they write.
 * `creationTimestamp` proves none. The API server sets it before the validating webhooks have their
 * say, which can take seconds; an object is no older than it, and that is all.
 */

import { MARKS } from '../../catalogue/milestone-marks.ts';
import type { ObjectTable, StampedSighting } from '../../record/object-table.ts';
import type { Operation, Run } from '../../record/run.ts';
import { stampOrigin } from '../../record/stamp-origins.ts';
import { getStreamName } from '../../record/stream-of.ts';
import { commitBounds } from './answers.ts';
import { visitCauses } from './causes.ts';
import { type Bounds, type StampBounds, stampBounds } from './stamp-bounds.ts';
import {
  pooledProof,
  PROMPT_US,
  type StreamDraft,
  streamDraft,
  type StreamFacts,
} from './stream-facts.ts';

export interface Evidence {
  readonly stamps: StampBounds;
  /** Of the kind's stream. */
  facts(kind: string): StreamFacts;
  /** When an object was committed, where its creation was ours. */
  commitOf(object: number): Bounds | undefined;
  /** A stamp of this clock is older than its commit by so much at the most; undefined: unknown. */
  writerLagUs(clock: number | undefined): number | undefined;
  /** Nothing speaks against any sighting, and nothing could narrow one. */
  readonly isIdle: boolean;
}

export function collectEvidence(run: Run): Evidence {
  const stamps = stampBounds(run);
  const streams = indexStreams(run);
  const writers = createWriters(stamps);
  const creations = indexCreations(run);
  const committed = commitBounds(run, stamps);
  for (const [object, creation] of creations) {
    const seen = run.objects.seen(object);
    const bounds = committed(creation);
    if (bounds === undefined || seen.afterUs < seen.atUs) continue;
    if (creation.ack?.tries === 1) streams(run.objects.kindOf(object)).hard(seen.atUs, bounds);
  }
  const commitOf = (object: number) => {
    const creation = creations.get(object);
    return creation && committed(creation);
  };
  visitCauses(run.objects, ({ kind, sighting: { atUs, afterUs }, byUs, created }) => {
    if (afterUs < atUs) return;
    const known =
      created === undefined ? undefined : (commitOf(created) ?? stamps.ofCreation(created));
    streams(kind).hard(atUs, { lo: Math.min(byUs, known?.lo ?? byUs), hi: byUs });
  });
  for (const { kind, atUs } of bornReady(run.objects)) streams(kind).doubtful(atUs);
  if (!stamps.isEmpty) {
    run.objects.visitStamped((sighting) => weigh(run.objects, sighting, stamps, streams, writers));
  }
  const drafts = streams.all();
  const pooled = pooledProof([...drafts.values()].map(({ proof }) => proof));
  const facts = new Map<string, StreamFacts>();
  return {
    stamps,
    facts(kind) {
      const known = facts.get(kind);
      if (known !== undefined) return known;
      // Without any evidence a stream still has its gaps.
      const fresh = streams(kind).finish(pooled);
      facts.set(kind, fresh);
      return fresh;
    },
    commitOf,
    writerLagUs: writers.lagUs,
    isIdle: run.gaps.length === 0 && [...drafts.values()].every(({ hasProof }) => !hasProof),
  };
}

type Streams = ((kind: string) => StreamDraft) & { all(): ReadonlyMap<string, StreamDraft> };

function indexStreams({ gaps }: Run): Streams {
  const drafts = new Map<string, StreamDraft>();
  const draftOf = (kind: string) => {
    let draft = drafts.get(kind);
    if (draft === undefined) {
      const stream = getStreamName(kind);
      draft = streamDraft(gaps.filter(({ k }) => k === stream));
      drafts.set(kind, draft);
    }
    return draft;
  };
  return Object.assign(draftOf, { all: () => drafts });
}

function indexCreations({ operations, objects }: Run): ReadonlyMap<number, Operation> {
  const creations = new Map<number, Operation>();
  for (const operation of operations) {
    const uid = operation.verb === 'create' ? operation.ack?.uid : undefined;
    const object = uid === undefined ? undefined : objects.withUid(uid);
    if (object !== undefined) creations.set(object, operation);
  }
  return creations;
}

/** Objects whose first sight shows a milestone: it cannot have been the first state of theirs. */
function* bornReady(objects: ObjectTable): Generator<{ kind: string; atUs: number }> {
  for (let object = 0; object < objects.size; object++) {
    const kind = objects.kindOf(object);
    const { atUs, afterUs } = objects.seen(object);
    if (afterUs < atUs) continue;
    for (const mark of MARKS) {
      if (mark.kind !== kind) continue;
      if (objects.first(object, mark.change, mark.value)?.atUs === atUs) yield { kind, atUs };
    }
  }
}

function weigh(
  objects: ObjectTable,
  { object, seconds, clock, atUs, afterUs, name, value }: StampedSighting,
  stamps: StampBounds,
  streams: Streams,
  writers: Writers,
): void {
  const kind = objects.kindOf(object);
  if (clock !== undefined && stampOrigin(kind, name, value) !== 'own') return;
  const bounds = stamps.of(seconds, clock, atUs);
  if (bounds === undefined) return;
  const stream = streams(kind);
  const isLive = afterUs === atUs;
  if (isLive && clock !== undefined && seconds !== objects.createdSeconds(object)) {
    if (stream.soft(atUs, bounds)) writers.saw(clock, atUs, bounds);
  }
  if (!stream.isInGap(atUs)) stream.after(atUs, bounds.lo);
}

interface Writers {
  saw(clock: number, atUs: number, bounds: Bounds): void;
  lagUs(clock: number | undefined): number | undefined;
}

/** So many prompt sightings of a writer's stamps tell how it usually is. */
const KNOWN_WRITER = 20;

/** How long after its stamp a writer's change was seen, by class of writer. */
function createWriters({ classOf }: StampBounds): Writers {
  const lags = new Map<string, { count: number; mostUs: number }>();
  return {
    saw(clock, atUs, { hi }) {
      const known = lags.get(classOf(clock));
      const mostUs = Math.max(known?.mostUs ?? 0, atUs - hi);
      lags.set(classOf(clock), { count: (known?.count ?? 0) + 1, mostUs });
    },
    lagUs(clock) {
      const known = lags.get(classOf(clock));
      if (known === undefined || known.count < KNOWN_WRITER) return undefined;
      return known.mostUs + PROMPT_US;
    },
  };
}
