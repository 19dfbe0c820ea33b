/**
 * How far operations are whose step says itself what it waits for: one stage after the other. What
 * was true before the request is no effect of it. So the first stage has to become true after the
 * sending, or the answer has to show it; a later one may be true already when it is its turn.
 */

import { EVENTS } from '../api/resources.ts';
import {
  type Expectation,
  type FailureWait,
  REACHED,
  type StageWait,
  type Verdict,
} from './expectation.ts';
import { NO_FAILURE, namespacedName, readAbout } from './step-watch.ts';
import { getValue, type SeenObject } from './seen-object.ts';
import { createPredicateState } from './predicate-state.ts';

/** When something was seen. */
export interface StageSight {
  readonly atUs: number;
  /** It had surely not happened by then; undefined where `atUs` is exact. */
  readonly lowerUs: number | undefined;
}

export interface Staging {
  has(operation: number): boolean;
  expect(expectation: Staged): void;
  /** The request was accepted; its answer shows so many of the first stages. */
  accepted(operation: number, shown: number, atUs: number): void;
  changed(object: SeenObject, name: string, value: string): void;
  gone(object: SeenObject): void;
  forget(operation: number): boolean;
  objectOf(operation: number): SeenObject | undefined;
  lastWord(operation: number): string | undefined;
}

export interface Staged extends Expectation {
  readonly stages: readonly StageWait[];
  readonly failConditions: readonly FailureWait[];
}

export interface StagingOptions {
  readonly onStage: (operation: number, stage: number, sight: StageSight) => void;
  readonly settle: (operation: number, verdict: Verdict) => void;
}

interface StageProgress {
  readonly expectation: Staged;
  /** The stage that it waits for. */
  next: number;
  /** It has to become true from now on. */
  isFresh: boolean;
}

/** What just happened: a predicate on an object, or that one is gone. */
interface News {
  readonly change: string | undefined;
  readonly place: string;
}

export function createStaging({ onStage, settle }: StagingOptions): Staging {
  const inProgress = createInProgress();
  const state = createPredicateState();
  const end = ({ expectation: { operation } }: StageProgress, verdict: Verdict) => {
    if (inProgress.forget(operation)) settle(operation, verdict);
  };
  const advance = (progress: StageProgress, sight: StageSight, news: News | undefined) => {
    const { operation, stages } = progress.expectation;
    for (let stage = stages[progress.next]; stage; stage = stages[progress.next]) {
      if (!state.isTrue(stage) || (progress.isFresh && !isNews(stage, news))) return;
      onStage(operation, progress.next, sight);
      progress.next += 1;
      progress.isFresh = false;
    }
    end(progress, REACHED);
  };
  return {
    has: (operation) => inProgress.has(operation),
    expect(expectation) {
      const [first] = expectation.stages;
      inProgress.add({ expectation, next: 0, isFresh: first?.tally === undefined });
    },
    accepted(operation, shown, atUs) {
      const progress = inProgress.get(operation);
      if (progress === undefined) return;
      const sight = { atUs, lowerUs: undefined };
      const { stages } = progress.expectation;
      for (; progress.next < shown; progress.next += 1) onStage(operation, progress.next, sight);
      const stage = stages[progress.next];
      if (progress.next > 0 && stage?.isOwn !== true) progress.isFresh = false;
      advance(progress, sight, undefined);
    },
    changed(object, change, value) {
      const noted = state.note(object, change, value);
      if (noted === undefined) return;
      // An event is about another object.
      const place = object.kind === EVENTS.kind ? readAbout(value) : noted;
      const sight = sightOf(object);
      for (const progress of inProgress.at(place)) {
        const failCondition = failureIn(progress.expectation, { change, place }, value);
        if (failCondition) end(progress, failCondition);
        else advance(progress, sight, { change, place });
      }
      for (const progress of inProgress.counting) advance(progress, sight, { change, place });
    },
    gone(object) {
      const place = state.drop(object);
      const sight = sightOf(object);
      for (const progress of inProgress.at(place)) {
        advance(progress, sight, { change: undefined, place });
        if (inProgress.has(progress.expectation.operation) && isLost(progress, place))
          end(progress, TAKEN);
      }
      for (const progress of inProgress.counting) advance(progress, sight, undefined);
    },
    forget: (operation) => inProgress.forget(operation),
    objectOf: (operation) => {
      const progress = inProgress.get(operation);
      return progress && state.objectAt(ownPlace(progress.expectation));
    },
    lastWord(operation) {
      const progress = inProgress.get(operation);
      if (progress === undefined) return undefined;
      const { expectation, next } = progress;
      return describe(expectation, next, state.objectAt(ownPlace(expectation)));
    },
  };
}

/** The operations under way, by the objects that they are about. */
function createInProgress() {
  const inProgress = new Map<number, StageProgress>();
  const byPlace = new Map<string, Set<StageProgress>>();
  const counting = new Set<StageProgress>();
  const link = (progress: StageProgress, edit: 'add' | 'delete') => {
    for (const place of placesOf(progress.expectation)) {
      const there = byPlace.get(place) ?? new Set();
      there[edit](progress);
      if (there.size > 0) byPlace.set(place, there);
      else byPlace.delete(place);
    }
    if (progress.expectation.stages.some(({ tally }) => tally !== undefined))
      counting[edit](progress);
  };
  return {
    counting: counting as ReadonlySet<StageProgress>,
    has: (operation: number) => inProgress.has(operation),
    get: (operation: number) => inProgress.get(operation),
    at: (place: string): Iterable<StageProgress> => byPlace.get(place) ?? [],
    add(progress: StageProgress) {
      inProgress.set(progress.expectation.operation, progress);
      link(progress, 'add');
    },
    forget(operation: number) {
      const progress = inProgress.get(operation);
      if (progress) link(progress, 'delete');
      return inProgress.delete(operation);
    },
  };
}

/** Nobody will ever know how long it would have taken. */
const TAKEN: Verdict = { how: 'censored', reason: 'Deleted' };

function sightOf({ knownUs, doubtUs }: SeenObject): StageSight {
  return { atUs: knownUs, lowerUs: doubtUs };
}

function isNews({ change, place, isGone }: StageWait, news: News | undefined): boolean {
  if (news === undefined || news.place !== place) return false;
  return isGone ? news.change === undefined : news.change === change;
}

/** The object itself is gone, and that is no stage: one of its name may come after that. */
function isLost({ expectation }: StageProgress, place: string): boolean {
  const isAwaited = expectation.stages.some(({ isGone, isOwn }) => isGone && isOwn);
  return place === ownPlace(expectation) && !isAwaited;
}

function failureIn(
  { failConditions }: Staged,
  { change, place }: News,
  value: string,
): Verdict | undefined {
  if (value === NO_FAILURE) return undefined;
  const failCondition = failConditions.find(
    (each) => each.change === change && each.place === place,
  );
  return (
    failCondition && {
      how: 'failed',
      reason: failCondition.name,
      class: 'NamedFailure',
      message: value,
    }
  );
}

function ownPlace({ kind, namespace, name }: Expectation): string {
  return `${kind} ${namespacedName(namespace, name)}`;
}

function placesOf(expectation: Staged): ReadonlySet<string> {
  const { stages, failConditions } = expectation;
  return new Set([
    ownPlace(expectation),
    ...[...stages, ...failConditions].map(({ place }) => place),
  ]);
}

function describe({ kind, name, stages }: Staged, next: number, object?: SeenObject): string {
  const phase = object && getValue(object, 'phase');
  const seen = object === undefined ? 'not seen' : (phase ?? 'there');
  const stage = stages[next];
  return `${kind} ${name} ${seen}${stage === undefined ? '' : `, waiting for ${stage.name}`}`;
}
