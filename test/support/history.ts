/** Small histories written by hand: times are seconds here, entries are what a run writes. */

import type { Milestone } from '../../src/catalogue/milestones.ts';
import type { StepKind } from '../../src/catalogue/step-kinds.ts';
import type { Verb } from '../../src/catalogue/verbs.ts';
import {
  type Change,
  type Entry,
  HISTORY_SCHEMA,
  type Outcome,
  type Target,
  type Variant,
} from '../../src/record/entry.ts';
import { seconds } from '../../src/core/duration.ts';
import type { Run } from '../../src/record/run.ts';
import { runBuilder } from '../../src/record/run-builder.ts';

export interface StepDraft {
  readonly kind: StepKind;
  readonly name?: string;
  readonly variants?: readonly Variant[];
  readonly until: Milestone;
  readonly interleaved?: boolean;
  /** In the plan; by default nothing is known of it. */
  readonly planned?: { readonly waves: number; readonly operations: number };
}

export interface WaveDraft {
  readonly step: number;
  readonly wave: number;
  readonly at: number;
  readonly n?: number;
  readonly warmup?: boolean;
}

export interface OperationDraft {
  readonly step: number;
  readonly wave?: number;
  readonly verb?: Verb;
  readonly kind?: string;
  readonly name: string;
  readonly variant?: number;
  readonly intended?: number;
  readonly sent: number;
  /** Default 201; undefined leaves the answer out. */
  readonly status?: number | undefined;
  readonly uid?: string;
  readonly disks?: number;
}

export interface ObjectDraft {
  readonly kind: string;
  readonly name: string;
  readonly at: number;
  readonly uid?: string;
  readonly owner?: number;
  readonly ownerUid?: string;
  readonly source?: string;
  /** Not there yet at this time, where first sight was late. */
  readonly after?: number;
}

/** One clone: a DataVolume that was created, seen, and went through its phases at these times. */
export interface CloneDraft extends Omit<OperationDraft, 'sent'> {
  readonly source?: string;
  readonly sent?: number;
  readonly seen: number;
  readonly scheduled?: number;
  readonly inProgress?: number;
  readonly rebind?: number;
  readonly succeeded?: number;
}

/** One boot: a VM that was asked to start, its VMI seen, and going through its phases. */
export interface BootDraft extends Omit<OperationDraft, 'sent' | 'verb' | 'kind'> {
  readonly sent?: number;
  readonly seen: number;
  readonly scheduling?: number;
  readonly scheduled?: number;
  readonly running?: number;
  readonly guestReady?: number;
  readonly node?: string;
}

export interface HistoryDraft {
  readonly entries: readonly Entry[];
  add(...entries: readonly Entry[]): void;
  /** Returns the step's index. */
  step(draft: StepDraft): number;
  wave(draft: WaveDraft): void;
  /** Returns the operation's id. */
  operation(draft: OperationDraft): number;
  /** Returns the object's number. */
  object(draft: ObjectDraft): number;
  change(object: number, at: number, change: Change, after?: number): void;
  gone(object: number, at: number, after?: number): void;
  miss(operation: number, at: number, how: 'failed' | 'censored', reason?: string): void;
  /** Return the numbers of the operation and of the DataVolume or the VMI. */
  clone(draft: CloneDraft): { operation: number; object: number };
  boot(draft: BootDraft): { operation: number; object: number };
  end(at: number, outcome?: Outcome): void;
  run(): Run;
  /** As it would stand in history.ndjson. */
  text(): string;
}

export function history(options: { target?: Target; seed?: number } = {}): HistoryDraft {
  const entries: Entry[] = [
    {
      e: 'header',
      schema: HISTORY_SCHEMA,
      run: 'r1',
      scenario: 'by-hand',
      target: options.target ?? 'cluster',
      seed: options.seed ?? 1,
    },
    { e: 'anchor', session: 0, t: 0, wall: seconds(1_700_000_000) },
  ];
  const next = { step: 0, operation: 0, object: 0 };

  const add = (...added: readonly Entry[]) => {
    entries.push(...added);
  };
  const operation = (draft: OperationDraft): number => {
    const id = next.operation++;
    const { step, wave = 0, verb = 'create', kind = 'DataVolume', name, variant = 0 } = draft;
    const status = 'status' in draft ? draft.status : 201;
    add({
      e: 'send',
      t: seconds(draft.sent),
      p: id,
      s: step,
      w: wave,
      v: verb,
      k: kind,
      n: name,
      i: seconds(draft.intended ?? draft.sent),
      x: variant,
      ...(draft.disks === undefined ? {} : { disks: draft.disks }),
    });
    if (status === undefined) return id;
    const uid = draft.uid === undefined ? {} : { u: draft.uid };
    add({ e: 'ack', t: seconds(draft.sent) + 5000, p: id, c: status, ...uid });
    return id;
  };
  const object = (draft: ObjectDraft): number => {
    const id = next.object++;
    add({
      e: 'obj',
      t: seconds(draft.at),
      o: id,
      k: draft.kind,
      n: draft.name,
      u: draft.uid ?? `uid-${id}`,
      ...(draft.owner === undefined ? {} : { own: draft.owner }),
      ...(draft.ownerUid === undefined ? {} : { ownUid: draft.ownerUid }),
      ...(draft.source === undefined ? {} : { src: draft.source }),
      ...(draft.after === undefined ? {} : { l: seconds(draft.after) }),
    });
    return id;
  };
  const change = (o: number, at: number, one: Change, after?: number) => {
    const late = after === undefined ? {} : { l: seconds(after) };
    add({ e: 'tr', t: seconds(at), o, c: [one], ...late });
  };
  const phases = (o: number, stages: readonly (readonly [string, number | undefined])[]) => {
    for (const [phase, at] of stages) if (at !== undefined) change(o, at, ['phase', phase]);
  };

  return {
    entries,
    add,
    operation,
    object,
    change,
    step(draft) {
      const s = next.step++;
      add({
        e: 'step',
        t: 0,
        s,
        kind: draft.kind,
        name: draft.name ?? draft.kind,
        variants: draft.variants ?? [{}],
        until: draft.until,
        ...(draft.planned ?? { waves: 1, operations: 0 }),
        timeoutUs: seconds(600),
        errorBudget: 0,
        loop: 'closed',
        ...(draft.interleaved ? { interleaved: true } : {}),
      });
      return s;
    },
    wave({ step, wave, at, n = 1, warmup }) {
      const isWarmup = warmup ? { warmup } : {};
      add({ e: 'wave', t: seconds(at), s: step, w: wave, n, ...isWarmup });
    },
    gone(o, at, after) {
      add({
        e: 'del',
        t: seconds(at),
        o,
        ...(after === undefined ? {} : { l: seconds(after) }),
      });
    },
    miss(p, at, how, reason = 'Timeout') {
      add({ e: 'miss', t: seconds(at), p, how, reason });
    },
    clone(draft) {
      const { seen, source = 'pvc', name } = draft;
      const uid = draft.uid ?? `dv-${name}`;
      const id = operation({ ...draft, uid, sent: draft.sent ?? seen });
      const o = object({ kind: 'DataVolume', name, at: seen, uid, source });
      phases(o, [
        ['CloneScheduled', draft.scheduled],
        ['CSICloneInProgress', draft.inProgress],
        ['RebindInProgress', draft.rebind],
        ['Succeeded', draft.succeeded],
      ]);
      return { operation: id, object: o };
    },
    boot(draft) {
      const { name, seen } = draft;
      const send = { ...draft, verb: 'start', kind: 'VirtualMachine', status: 202 } as const;
      const id = operation({ ...send, sent: draft.sent ?? seen });
      const o = object({ kind: 'VirtualMachineInstance', name, at: seen });
      phases(o, [
        ['Scheduling', draft.scheduling],
        ['Scheduled', draft.scheduled],
        ['Running', draft.running],
      ]);
      if (draft.node !== undefined) change(o, draft.scheduled ?? seen, ['node', draft.node]);
      if (draft.guestReady !== undefined) change(o, draft.guestReady, ['AgentConnected', 'True']);
      return { operation: id, object: o };
    },
    end(at, outcome = 'complete') {
      add({ e: 'end', t: seconds(at), outcome });
    },
    run() {
      const [header, ...rest] = entries;
      if (header?.e !== 'header') throw new Error('a history starts with its header');
      const builder = runBuilder(header);
      for (const entry of rest) builder.add(entry);
      return builder.build([]);
    },
    text: () => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  };
}
