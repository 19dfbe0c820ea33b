/**
 * Folds the entries of a history into a Run. A resumed run has several sessions, and the second may
 * send an operation again or introduce an object again under another number; both are still the one
 * that they were.
 */

import type {
  AckEntry,
  AnchorEntry,
  ClockEntry,
  DataSourceEntry,
  DeletedEntry,
  EndEntry,
  Entry,
  GapEntry,
  HeaderEntry,
  WhyEntry,
  MissEntry,
  NoteEntry,
  ObjectEntry,
  OffsetEntry,
  SendEntry,
  StageEntry,
  StepEntry,
  TransitionEntry,
  UsageEntry,
  WaveEndEntry,
  WaveEntry,
} from './entry.ts';
import type { MetricEntry } from './metric-entry.ts';
import { classOfMiss } from './miss-class.ts';
import { objectTableBuilder } from './object-table.ts';
import type { Ack, Miss, Operation, Run, RunStep, RunWave, WaveEnd } from './run.ts';

export interface RunBuilder {
  add(entry: Entry): void;
  /** To be called once, at the end; `problems` are those of reading. */
  build(problems: readonly string[]): Run;
}

export function runBuilder(header: HeaderEntry): RunBuilder {
  const draft = createDraft(header);
  return {
    add: (entry) => addEntry(draft, entry),
    build: (problems) => finish(draft, problems),
  };
}

/** Reason of a miss that is the harness's own doing. */
const INTERRUPTED = 'Interrupted';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

type Draft = ReturnType<typeof createDraft>;

function createDraft(header: HeaderEntry) {
  return {
    header,
    anchors: [] as AnchorEntry[],
    steps: new Map<number, RunStep>(),
    waves: new Map<string, Writable<RunWave>>(),
    operations: new Map<number, Writable<Operation>>(),
    table: objectTableBuilder(),
    /** The table's index of each object number of the current session. */
    objectOf: new Map<number, number>(),
    clocks: [] as ClockEntry[],
    offsets: [] as OffsetEntry[],
    gaps: [] as GapEntry[],
    usage: [] as UsageEntry[],
    dataSources: [] as DataSourceEntry[],
    metrics: [] as MetricEntry[],
    notes: [] as NoteEntry[],
    end: undefined as EndEntry | undefined,
    lastUs: 0,
    unknownEntries: 0,
    danglingEntries: 0,
  };
}

function addEntry(draft: Draft, entry: Entry): void {
  if ('t' in entry && entry.t > draft.lastUs) draft.lastUs = entry.t;
  switch (entry.e) {
    case 'tr':
      return addTransition(draft, entry);
    case 'obj':
      return addObject(draft, entry);
    case 'send':
      return addSend(draft, entry);
    case 'ack':
      return addAck(draft, entry);
    case 'del':
      return addDeleted(draft, entry);
    case 'miss':
      return addMiss(draft, entry);
    case 'why':
      return addWhy(draft, entry);
    case 'step':
      return addStep(draft, entry);
    case 'wave':
      return addWave(draft, entry);
    case 'waveEnd':
      return addWaveEnd(draft, entry);
    case 'stage':
      return addStage(draft, entry);
    case 'header':
    case 'made':
    case 'kind':
    case 'picked':
      return;
    default:
      return addPlain(draft, entry);
  }
}

type PlainEntry =
  | AnchorEntry
  | ClockEntry
  | OffsetEntry
  | GapEntry
  | UsageEntry
  | DataSourceEntry
  | MetricEntry
  | NoteEntry
  | EndEntry;

/** Entries that are kept as they are; a newer bench may have written kinds unknown to this one. */
function addPlain(draft: Draft, entry: PlainEntry): void {
  switch (entry.e) {
    case 'anchor':
      addAnchor(draft, entry);
      return;
    case 'clock':
      draft.clocks.push(entry);
      return;
    case 'offset':
      draft.offsets.push(entry);
      return;
    case 'gap':
      draft.gaps.push(entry);
      return;
    case 'usage':
      draft.usage.push(entry);
      return;
    case 'dataSource':
      draft.dataSources.push(entry);
      return;
    case 'metric':
      draft.metrics.push(entry);
      return;
    case 'note':
      draft.notes.push(entry);
      return;
    case 'end':
      draft.end = entry;
      return;
    default:
      draft.unknownEntries += 1;
  }
}

/** A new session takes up what the one before had to let go of. */
function addAnchor(draft: Draft, entry: AnchorEntry): void {
  draft.anchors.push(entry);
  draft.end = undefined;
  if (entry.session === 0) return;
  for (const operation of draft.operations.values()) {
    if (operation.miss?.reason === INTERRUPTED) operation.miss = undefined;
  }
}

function addStep(draft: Draft, entry: StepEntry): void {
  if (draft.steps.has(entry.s)) return;
  draft.steps.set(entry.s, {
    index: entry.s,
    kind: entry.kind,
    name: entry.name,
    variants: entry.variants,
    until: entry.until,
    plannedWaves: entry.waves,
    plannedOperations: entry.operations,
    timeoutUs: entry.timeoutUs,
    errorBudget: entry.errorBudget,
    loop: entry.loop,
    interleaved: entry.interleaved ?? false,
    inFlightMax: entry.inFlightMax,
    stages: entry.stages ?? [],
    probe: entry.probe,
    churn: entry.churn,
    waveGapUs: entry.waveGapUs,
    startUs: entry.t,
  });
}

function addWave(draft: Draft, entry: WaveEntry): void {
  const key = waveKey(entry.s, entry.w);
  if (draft.waves.has(key)) return;
  draft.waves.set(key, {
    step: entry.s,
    index: entry.w,
    releaseUs: entry.t,
    size: entry.n,
    warmup: entry.warmup ?? false,
    end: undefined,
  });
}

function addWaveEnd(draft: Draft, entry: WaveEndEntry): void {
  const wave = draft.waves.get(waveKey(entry.s, entry.w));
  if (wave === undefined) return addDangling(draft);
  wave.end = waveEnd(entry);
}

function waveEnd({ t, reached, failed, censored }: WaveEndEntry): WaveEnd {
  return { atUs: t, reached, failed, censored };
}

function addSend(draft: Draft, entry: SendEntry): void {
  if (draft.operations.has(entry.p)) return;
  draft.operations.set(entry.p, {
    id: entry.p,
    step: entry.s,
    wave: entry.w,
    verb: entry.v,
    kind: entry.k,
    name: entry.n,
    variant: entry.x ?? 0,
    disks: entry.disks ?? 0,
    intendedUs: entry.i ?? entry.t,
    sentUs: entry.t,
    ack: undefined,
    stages: [],
    miss: undefined,
  });
}

function addAck(draft: Draft, entry: AckEntry): void {
  const operation = draft.operations.get(entry.p);
  if (operation === undefined) return addDangling(draft);
  operation.ack = readAck(entry);
}

function addStage(draft: Draft, { p, g, t, l }: StageEntry): void {
  const operation = draft.operations.get(p);
  if (operation === undefined) return addDangling(draft);
  const { stages } = operation;
  if (g === stages.length) operation.stages = [...stages, { atUs: t, afterUs: l ?? t }];
}

function readAck({ t, c, u, tries, d }: AckEntry): Ack {
  return { atUs: t, status: c, uid: u, tries: tries ?? 1, answeredSeconds: d };
}

function addMiss(draft: Draft, entry: MissEntry): void {
  const operation = draft.operations.get(entry.p);
  if (operation === undefined) return addDangling(draft);
  operation.miss = readMiss(entry);
}

function addWhy(draft: Draft, { p, class: found, message }: WhyEntry): void {
  const operation = draft.operations.get(p);
  const miss = operation?.miss;
  // It may have been resumed since.
  if (operation === undefined || miss === undefined) return;
  const said = [miss.message, message].filter((text) => text !== undefined).join(': ');
  operation.miss = { ...miss, class: found ?? miss.class, message: said };
}

function readMiss({ t, how, reason, class: known, message }: MissEntry): Miss {
  return { atUs: t, how, reason, class: known ?? classOfMiss(reason, message), message };
}

function addObject(draft: Draft, entry: ObjectEntry): void {
  const owner = entry.own === undefined ? undefined : draft.objectOf.get(entry.own);
  draft.objectOf.set(entry.o, draft.table.add(entry, owner));
}

function addTransition(draft: Draft, entry: TransitionEntry): void {
  const object = draft.objectOf.get(entry.o);
  if (object === undefined) return addDangling(draft);
  const { t: atUs, l: afterUs = atUs, coalesced: isCoalesced = false } = entry;
  for (const change of entry.c) {
    draft.table.change(object, change, { atUs, afterUs, isCoalesced });
  }
}

function addDeleted(draft: Draft, entry: DeletedEntry): void {
  const object = draft.objectOf.get(entry.o);
  if (object === undefined) return addDangling(draft);
  draft.table.remove(object, entry.t, entry.l ?? entry.t);
}

function addDangling(draft: Draft): void {
  draft.danglingEntries += 1;
}

function finish(draft: Draft, problems: readonly string[]): Run {
  const { unknownEntries, danglingEntries } = draft;
  return {
    header: draft.header,
    anchors: draft.anchors,
    steps: [...draft.steps.values()],
    waves: [...draft.waves.values()],
    operations: [...draft.operations.values()],
    objects: draft.table.build(),
    clocks: draft.clocks,
    offsets: draft.offsets,
    gaps: draft.gaps,
    usage: draft.usage,
    dataSources: draft.dataSources,
    metrics: draft.metrics,
    notes: draft.notes,
    end: draft.end,
    lastUs: draft.lastUs,
    problems: [
      ...problems,
      ...(unknownEntries > 0 ? [`${unknownEntries} entries of unknown kinds, left out`] : []),
      ...(danglingEntries > 0 ? [`${danglingEntries} entries about unknown ids, left out`] : []),
      ...(draft.end === undefined ? ['no end entry: the run was cut off'] : []),
    ],
  };
}

function waveKey(step: number, wave: number): string {
  return `${step}/${wave}`;
}
