/**
 * Which operations have not reached their milestone yet. Every sighting costs O(1): it can only
 * concern the operation on the object itself or on its owner.
 */

import { isReachedByDeletion, milestoneFacts } from '../catalogue/milestone-marks.ts';
import { MILESTONES } from '../catalogue/milestones.ts';
import { type Expectation, REACHED, type Verdict } from './expectation.ts';
import type { Sightings } from './reducer.ts';
import { createStaging, type Staged, type StageSight, type Staging } from './staging.ts';
import { type SeenObject, getValue } from './seen-object.ts';
import { TROUBLE, type Trouble } from './trouble.ts';
import { forgetTrouble, knownTrouble, noteTrouble } from './troubled.ts';
import { verdictNow, decideVerdict } from './verdict.ts';

export interface Outstanding {
  readonly sightings: Sightings;
  /** To be called before the request is sent, since its effect may be seen before its answer. */
  expect(expectation: Expectation): void;
  /** The request was accepted: what needs no further sign is reached now. */
  accepted(operation: number, answer?: Answered): void;
  forget(operation: number): void;
  /** The last word of the cluster on the operation's object: a phase or a status; for people. */
  lastWord(operation: number): string | undefined;
  /** What is wrong with the operation's object, or with what it owns; undefined if nothing is. */
  troubleOf(operation: number): Trouble | undefined;
  /**
   * Calls back once every object of these UIDs, and all that it owned, is gone; tells those that
   * are not, whenever it is asked.
   */
  whenCleared(uids: readonly string[], done: () => void): () => readonly string[];
}

/** What an answer itself shows of an object that was there before. */
export interface Answered {
  /** So many of the first stages. */
  readonly shown: number;
  readonly atUs: number;
}

export type OnStage = (operation: number, stage: number, sight: StageSight) => void;

export function createOutstanding(
  onVerdict: (operation: number, verdict: Verdict) => void,
  onStage: OnStage = () => {},
): Outstanding {
  const staging = createStaging({ onStage, settle: onVerdict });
  const roots = createRoots();
  const clearing = createClearing();
  const byOperation = new Map<number, Expectation>();

  const forget = (operation: number) => {
    if (staging.forget(operation)) return true;
    const expectation = byOperation.get(operation);
    if (expectation) roots.release(expectation);
    return byOperation.delete(operation);
  };
  const settle = ({ operation }: Expectation, verdict: Verdict | undefined) => {
    if (verdict !== undefined && forget(operation)) onVerdict(operation, verdict);
  };
  const rootOf = (operation: number) => {
    const expectation = byOperation.get(operation);
    return expectation && roots.find(expectation);
  };
  const judge = (root: SeenObject | undefined) => {
    if (root?.expectation) settle(root.expectation, verdictNow(root, root.expectation));
  };
  return {
    sightings: createSightings({ roots, clearing, staging, settle, judge }),
    expect(expectation) {
      if (isStaged(expectation)) return staging.expect(expectation);
      byOperation.set(expectation.operation, expectation);
      judge(roots.expect(expectation));
    },
    accepted(operation, { shown, atUs } = { shown: 0, atUs: 0 }) {
      if (staging.has(operation)) return staging.accepted(operation, shown, atUs);
      const expectation = byOperation.get(operation);
      if (expectation && needsNoSign(expectation, rootOf(operation))) settle(expectation, REACHED);
    },
    forget,
    lastWord: (operation) => staging.lastWord(operation) ?? getLastWord(rootOf(operation)),
    troubleOf(operation) {
      const root = staging.objectOf(operation) ?? rootOf(operation);
      return root && knownTrouble(root);
    },
    whenCleared: (uids, done) => clearing.wait(uids, done),
  };
}

function isStaged(expectation: Expectation): expectation is Staged {
  return expectation.stages !== undefined && expectation.failConditions !== undefined;
}

interface Reaction {
  readonly staging: Staging;
  readonly roots: ReturnType<typeof createRoots>;
  readonly clearing: ReturnType<typeof createClearing>;
  settle(expectation: Expectation, verdict: Verdict | undefined): void;
  judge(root: SeenObject | undefined): void;
}

function createSightings({ roots, clearing, staging, settle, judge }: Reaction): Sightings {
  const vmiGone = (vm: SeenObject) => {
    vm.vmi = undefined;
    if (vm.expectation && isStop(vm.expectation)) settle(vm.expectation, REACHED);
  };
  return {
    appeared(object) {
      if (isRoot(object)) {
        roots.appeared(object);
        clearing.appeared(object);
        judge(object);
      }
      inherit(object);
    },
    changed(object, name, value) {
      noteOnOwner(object, name, value);
      if (name === TROUBLE) noteTrouble(object);
      staging.changed(object, name, value);
      for (const root of [object, object.owner]) {
        const expectation = root?.expectation;
        if (root === undefined || expectation === undefined) continue;
        settle(expectation, decideVerdict(root, expectation, object, name, value));
      }
    },
    adopted(object) {
      inherit(object);
      noteOnOwner(object, 'phase', getValue(object, 'phase') ?? '');
      noteTrouble(object.troubled ?? object);
      judge(object.owner);
    },
    gone(object) {
      const { owner, expectation } = object;
      if (isRoot(object)) roots.gone(object);
      forgetTrouble(object);
      staging.gone(object);
      if (expectation) settle(expectation, verdictOfDeletion(expectation));
      if (owner?.vmi === object) vmiGone(owner);
    },
    cleared: (object) => clearing.cleared(object),
  };
}

function isRoot({ kind }: SeenObject): boolean {
  return kind === 'VirtualMachine' || kind === 'DataVolume' || kind === 'VolumeSnapshot';
}

/** Nothing more will be seen of it: nothing is waited for, or there is nothing to stop. */
function needsNoSign({ goal }: Expectation, root: SeenObject | undefined): boolean {
  const isStopped = isReachedByDeletion('vmi', goal) && root?.vmi === undefined;
  return isStopped || milestoneFacts(goal).reached === 'never';
}

function isStop({ goal }: Expectation): boolean {
  return isReachedByDeletion('vmi', goal);
}

/** A third party's deletion says nothing about how long the milestone would have taken. */
function verdictOfDeletion({ goal }: Expectation): Verdict {
  return isReachedByDeletion('own', goal) ? REACHED : { how: 'censored', reason: 'Deleted' };
}

/** What a new object means for its owner. */
function inherit(object: SeenObject): void {
  if (object.owner && object.kind === 'VirtualMachineInstance') object.owner.vmi = object;
}

const { reached: FILLED } = MILESTONES.provisioned;
const { reached: BOUND } = MILESTONES.claimBound;

function noteOnOwner({ kind, owner }: SeenObject, name: string, value: string): void {
  if (owner === undefined || name !== 'phase') return;
  if (kind === FILLED.kind && value === FILLED.value) owner.disksSucceeded += 1;
  if (kind === BOUND.kind && value === BOUND.value) owner.claimBound = true;
}

function getLastWord(root: SeenObject | undefined): string | undefined {
  if (root === undefined) return undefined;
  const status = getValue(root, 'printableStatus') ?? getValue(root, 'phase') ?? 'Pending';
  const vmi = root.vmi && getValue(root.vmi, 'phase');
  return vmi === undefined
    ? `${root.kind} ${status}`
    : `${root.kind} ${status}, VirtualMachineInstance ${vmi}`;
}

interface Named {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The objects that operations name, and the operations on objects not seen yet. */
function createRoots() {
  const objects = new Map<string, SeenObject>();
  const awaited = new Map<string, Expectation>();
  const keyOf = ({ kind, namespace, name }: Named) => `${kind}/${namespace}/${name}`;
  const find = (named: Named) => objects.get(keyOf(named));
  return {
    find,
    appeared(object: SeenObject): void {
      const key = keyOf(object);
      objects.set(key, object);
      object.expectation = awaited.get(key);
      awaited.delete(key);
    },
    gone(object: SeenObject): void {
      const key = keyOf(object);
      if (objects.get(key) === object) objects.delete(key);
    },
    expect(expectation: Expectation): SeenObject | undefined {
      const object = find(expectation);
      if (object) object.expectation = expectation;
      else awaited.set(keyOf(expectation), expectation);
      return object;
    },
    release(expectation: Expectation): void {
      awaited.delete(keyOf(expectation));
      const object = find(expectation);
      if (object?.expectation === expectation) object.expectation = undefined;
    },
  };
}

/** Who waits for objects to be gone with all that they owned. */
function createClearing() {
  const present = new Set<string>();
  const waits = new Map<string, { readonly left: Set<string>; readonly done: () => void }>();
  return {
    appeared(object: SeenObject): void {
      present.add(object.uid);
    },
    cleared(object: SeenObject): void {
      present.delete(object.uid);
      const wait = waits.get(object.uid);
      waits.delete(object.uid);
      if (wait === undefined) return;
      wait.left.delete(object.uid);
      if (wait.left.size === 0) wait.done();
    },
    wait(uids: readonly string[], done: () => void): () => readonly string[] {
      const left = new Set(uids.filter((uid) => present.has(uid)));
      for (const uid of left) waits.set(uid, { left, done });
      if (left.size === 0) done();
      return () => [...left];
    },
  };
}
