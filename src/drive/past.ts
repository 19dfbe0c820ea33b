/**
 * What earlier sessions of a run did, folded from its history, so that a resumed run starts nothing
 * twice. An operation that an interruption cut off has a miss in the history and is still open, and
 * so is the wave it belongs to, though it has an end.
 */

import { verbFacts } from '../catalogue/verbs.ts';
import type { Verdict } from '../observe/expectation.ts';
import type { HostedObserver } from '../observe/hosted-observer.ts';
import type { ObjectPlace, Plan, PlannedOperation, PlannedStep } from '../plan/plan.ts';
import type { AckEntry, Entry, MissEntry, SendEntry } from '../record/entry.ts';
import { INTERRUPTED } from '../record/past-sessions.ts';
import type { CreatedObjects } from './created.ts';
import { isCreation, removes } from '../plan/creations.ts';
import { makeExpectation } from './expectation-of.ts';
import { type Kinds, kindIn } from './kinds.ts';
import { knownOperations, type Planned } from './known-operations.ts';
import type { StageLog } from './stage-log.ts';
import type { Undos } from './undos.ts';

export interface Past {
  /** Whether anything was ever sent. */
  readonly isEmpty: boolean;
  /**
   * The last session left no end. Where its disk went with it, or a checkpoint is all there is, it
   * may have sent more than the history says.
   */
  readonly isCutShort: boolean;
  stepBegan(step: number): boolean;
  /** A later step began that does not go on beside it, or the run went to its end. */
  stepIsOver(step: number): boolean;
  /** Run time of a wave's release. */
  releaseOf(step: number, wave: number): number | undefined;
  waveIsOver(step: number, wave: number): boolean;
  /** Creations whose object reached its goal and whose answer nobody knows. */
  readonly unanswered: readonly Planned[];
  /** What the selector of a step found; undefined where it has not looked yet. */
  pickedOf(step: number): readonly ObjectPlace[] | undefined;
  /** Undefined where it was never sent. */
  operation(id: number): PastOperation | undefined;
}

export interface PastOperation {
  readonly intendedUs: number;
  /** The server has said yes; otherwise it has to be asked again. */
  readonly accepted: boolean;
  /** How it ended; undefined while it is open. */
  readonly verdict: Verdict | undefined;
  /** Its miss is in the history. */
  readonly missed: boolean;
}

interface Draft {
  intendedUs: number;
  accepted: boolean;
  miss: Verdict | undefined;
}

export interface RecallOptions {
  readonly plan: Plan;
  readonly entries: Iterable<Entry>;
  readonly observer: HostedObserver;
  readonly created: CreatedObjects;
  /** What the observer has found out about operations, now and later. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
  readonly kinds: Kinds;
  readonly stages: StageLog;
  readonly undos: Pick<Undos, 'sent'>;
}

/** Tells the observer, and fills `created` with what is still there. */
export function recall(options: RecallOptions): Past {
  const { verdicts, plan } = options;
  const fold = createFold(options);
  for (const entry of options.entries) fold.take(entry);
  const { steps, waves, operations } = fold;
  const lastStep = Math.max(-1, ...steps);
  const missOf = (draft: Draft) => (isInterrupted(draft.miss) ? undefined : draft.miss);
  const openWaves = new Set<string>();
  for (const [id, draft] of operations) {
    const place = fold.placeOf(id);
    if (place !== undefined && !missOf(draft) && !verdicts.has(id)) openWaves.add(place);
  }
  const unanswered = [...operations].flatMap(([id, { accepted }]) => {
    const found = fold.plannedOf(id);
    const isReached = verdicts.get(id)?.how === 'reached';
    return found && isCreation(found.operation) && isReached && !accepted ? [found] : [];
  });
  return {
    unanswered,
    isEmpty: operations.size === 0,
    isCutShort: !fold.hasEnd(),
    pickedOf: (step) => fold.picked.get(step),
    stepBegan: (step) => steps.has(step),
    stepIsOver: (step) => step < lastStep && !areTogether(plan.steps[step], plan.steps[lastStep]),
    releaseOf: (step, wave) => waves.get(waveKey(step, wave))?.releaseUs,
    waveIsOver(step, wave) {
      const key = waveKey(step, wave);
      const known = waves.get(key);
      return known !== undefined && known.settled === known.size && !openWaves.has(key);
    },
    operation(id) {
      const draft = operations.get(id);
      if (draft === undefined) return undefined;
      const miss = missOf(draft);
      const { intendedUs, accepted } = draft;
      return {
        intendedUs,
        accepted,
        verdict: miss ?? verdicts.get(id),
        missed: miss !== undefined,
      };
    },
  };
}

function areTogether(one: PlannedStep | undefined, other: PlannedStep | undefined): boolean {
  return one?.group !== undefined && one.group === other?.group;
}

function isInterrupted(verdict: Verdict | undefined): boolean {
  return verdict?.how === 'censored' && verdict.reason === INTERRUPTED;
}

interface PastWave {
  readonly releaseUs: number;
  readonly size: number;
  settled: number;
}

function createFold({ plan, observer, created, kinds, stages, undos }: RecallOptions) {
  const planned = knownOperations(plan);
  const steps = new Set<number>();
  const waves = new Map<string, PastWave>();
  const operations = new Map<number, Draft>();
  const places = new Map<number, string>();
  const picked = new Map<number, readonly ObjectPlace[]>();
  let hasEnd = false;

  const sent = ({ p, s, w, i, t }: SendEntry) => {
    const found = planned.of(p);
    if (found === undefined || operations.has(p)) return;
    operations.set(p, { intendedUs: i ?? t, accepted: false, miss: undefined });
    places.set(p, waveKey(s, w));
    undos.sent(found.operation);
    observer.expect(makeExpectation(found.operation, found.step, kinds));
  };
  const answered = (ack: AckEntry) => {
    const found = planned.of(ack.p);
    const draft = operations.get(ack.p);
    if (found === undefined || draft === undefined) return;
    const { operation, step } = found;
    if (!isAccepted(operation, ack)) return;
    draft.accepted = true;
    if (ack.u !== undefined) {
      created.add({ ...operation, uid: ack.u, step: step.index });
    }
    if (removes(operation)) created.remove(operation);
    observer.accepted(ack.p, { shown: ack.g ?? 0, atUs: ack.t });
  };
  const missed = ({ p, how, reason, class: known }: MissEntry) => {
    const draft = operations.get(p);
    if (draft === undefined) return;
    draft.miss = { how, reason, ...(known === undefined ? {} : { class: known }) };
    if (!isInterrupted(draft.miss)) observer.forget(p);
  };
  return {
    picked,
    steps,
    waves,
    operations,
    hasEnd: () => hasEnd,
    placeOf: (id: number) => places.get(id),
    plannedOf: planned.of,
    take(entry: Entry) {
      if (entry.e === 'send') sent(entry);
      else if (entry.e === 'ack') answered(entry);
      else if (entry.e === 'miss') missed(entry);
      else if (entry.e === 'kind') kinds.add(kindIn(entry));
      else if (entry.e === 'stage') stages.known(entry);
      else if (entry.e === 'picked') picked.set(entry.s, planned.pick(entry));
      else if (entry.e === 'anchor') hasEnd = false;
      else if (entry.e === 'end') hasEnd = true;
      else if (entry.e === 'step') steps.add(entry.s);
      else if (entry.e === 'wave') {
        const key = waveKey(entry.s, entry.w);
        if (!waves.has(key)) waves.set(key, { releaseUs: entry.t, size: entry.n, settled: 0 });
      } else if (entry.e === 'waveEnd') {
        const wave = waves.get(waveKey(entry.s, entry.w));
        if (wave) wave.settled = entry.reached + entry.failed + entry.censored;
      }
      observer.recall(entry);
    },
  };
}

/** As carry-out.ts writes it: some refusals mean that what was asked for is so already. */
function isAccepted({ verb }: PlannedOperation, { c, u }: AckEntry): boolean {
  if (c < 400) return true;
  const { status, needsUid } = verbFacts(verb).soAlready;
  return c === status && (!needsUid || u !== undefined);
}

function waveKey(step: number, wave: number): string {
  return `${step}/${wave}`;
}
