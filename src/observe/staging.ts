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
import { NO_FAILURE, placeOf, readAbout } from './look.ts';
import { getValue, type SeenObject } from './seen-object.ts';
import { createBoard } from './word-board.ts';

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

interface Ladder {
  readonly expectation: Staged;
  /** The stage that it waits for. */
  next: number;
  /** It has to become true from now on. */
  isFresh: boolean;
}

/** What just happened: a word on an object, or that one is gone. */
interface News {
  readonly change: string | undefined;
  readonly place: string;
}

export function createStaging({ onStage, settle }: StagingOptions): Staging {
  const ladders = createLadders();
  const board = createBoard();
  const end = ({ expectation: { operation } }: Ladder, verdict: Verdict) => {
    if (ladders.forget(operation)) settle(operation, verdict);
  };
  const climb = (ladder: Ladder, sight: StageSight, news: News | undefined) => {
    const { operation, stages } = ladder.expectation;
    for (let stage = stages[ladder.next]; stage; stage = stages[ladder.next]) {
      if (!board.isTrue(stage) || (ladder.isFresh && !isNews(stage, news))) return;
      onStage(operation, ladder.next, sight);
      ladder.next += 1;
      ladder.isFresh = false;
    }
    end(ladder, REACHED);
  };
  return {
    has: (operation) => ladders.has(operation),
    expect(expectation) {
      const [first] = expectation.stages;
      ladders.add({ expectation, next: 0, isFresh: first?.tally === undefined });
    },
    accepted(operation, shown, atUs) {
      const ladder = ladders.get(operation);
      if (ladder === undefined) return;
      const sight = { atUs, lowerUs: undefined };
      const { stages } = ladder.expectation;
      for (; ladder.next < shown; ladder.next += 1) onStage(operation, ladder.next, sight);
      const stage = stages[ladder.next];
      if (ladder.next > 0 && stage?.isOwn !== true) ladder.isFresh = false;
      climb(ladder, sight, undefined);
    },
    changed(object, change, value) {
      const noted = board.note(object, change, value);
      if (noted === undefined) return;
      // An event is about another object.
      const place = object.kind === EVENTS.kind ? readAbout(value) : noted;
      const sight = sightOf(object);
      for (const ladder of ladders.at(place)) {
        const failCondition = failureIn(ladder.expectation, { change, place }, value);
        if (failCondition) end(ladder, failCondition);
        else climb(ladder, sight, { change, place });
      }
      for (const ladder of ladders.counting) climb(ladder, sight, { change, place });
    },
    gone(object) {
      const place = board.drop(object);
      const sight = sightOf(object);
      for (const ladder of ladders.at(place)) {
        climb(ladder, sight, { change: undefined, place });
        if (ladders.has(ladder.expectation.operation) && isLost(ladder, place)) end(ladder, TAKEN);
      }
      for (const ladder of ladders.counting) climb(ladder, sight, undefined);
    },
    forget: (operation) => ladders.forget(operation),
    objectOf: (operation) => {
      const ladder = ladders.get(operation);
      return ladder && board.objectAt(ownPlace(ladder.expectation));
    },
    lastWord(operation) {
      const ladder = ladders.get(operation);
      if (ladder === undefined) return undefined;
      const { expectation, next } = ladder;
      return describe(expectation, next, board.objectAt(ownPlace(expectation)));
    },
  };
}

/** The operations under way, by the objects that they are about. */
function createLadders() {
  const ladders = new Map<number, Ladder>();
  const byPlace = new Map<string, Set<Ladder>>();
  const counting = new Set<Ladder>();
  const link = (ladder: Ladder, edit: 'add' | 'delete') => {
    for (const place of placesOf(ladder.expectation)) {
      const there = byPlace.get(place) ?? new Set();
      there[edit](ladder);
      if (there.size > 0) byPlace.set(place, there);
      else byPlace.delete(place);
    }
    if (ladder.expectation.stages.some(({ tally }) => tally !== undefined)) counting[edit](ladder);
  };
  return {
    counting: counting as ReadonlySet<Ladder>,
    has: (operation: number) => ladders.has(operation),
    get: (operation: number) => ladders.get(operation),
    at: (place: string): Iterable<Ladder> => byPlace.get(place) ?? [],
    add(ladder: Ladder) {
      ladders.set(ladder.expectation.operation, ladder);
      link(ladder, 'add');
    },
    forget(operation: number) {
      const ladder = ladders.get(operation);
      if (ladder) link(ladder, 'delete');
      return ladders.delete(operation);
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
function isLost({ expectation }: Ladder, place: string): boolean {
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
  return `${kind} ${placeOf(namespace, name)}`;
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
