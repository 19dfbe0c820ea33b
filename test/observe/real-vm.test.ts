/**
 * What real controllers wrote of one VM, replayed through our own eyes: KubeVirt v1.1.1 and CDI on
 * Kubernetes 1.34.2, events as they came (fixtures/real).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { narrowed } from '../../src/analyse/narrowing/narrowed-run.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { MILLISECOND, SECOND } from '../../src/core/duration.ts';
import { OBSERVED_KINDS } from '../../src/observe/kinds.ts';
import { createReducer } from '../../src/observe/reducer.ts';
import { type Entry, HISTORY_SCHEMA, type HeaderEntry } from '../../src/record/entry.ts';
import { runBuilder } from '../../src/record/run-builder.ts';
import { collectEntries } from '../support/collect-entries.ts';
import { ROOT } from '../support/sources.ts';

interface Recorded {
  readonly tMs: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** The wall clock at the recording's start, from its stamps: right to 150 ms. */
const WALL_US = 1_795_897_777_750 * MILLISECOND;
const HEADER: HeaderEntry = {
  e: 'header',
  schema: HISTORY_SCHEMA,
  run: 'real',
  scenario: 'one-vm',
  target: 'cluster',
  seed: 1,
};
const CLOCKS = ['apiserver', 'virt-controller', 'virt-api', 'cdi', 'node/worker-105'];

function replay() {
  const text = readFileSync(join(ROOT, 'test/fixtures/real/kubevirt-1.1.1-one-vm.jsonl'), 'utf8');
  const recorded = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const sink = collectEntries();
  const notebook = { ...sink, originUs: 0, nowUs: () => 0, sinceStartUs: (us: number) => us };
  let told = 0;
  const silent = {
    appeared() {},
    changed: () => (told += 1),
    adopted() {},
    gone() {},
    cleared() {},
  };
  const reducer = createReducer({ notebook, sightings: silent, namespace: 'bench-real' });
  const streams = new Map(
    OBSERVED_KINDS.map((kind) => [kind.resource.kind, reducer.stream(kind)] as const),
  );
  for (const stream of streams.values()) {
    stream({ kind: 'synced', seenUs: 0, askedUs: 0, relist: false });
  }
  for (const { tMs, type, object } of recorded) {
    const item = { kind: 'changed', type, object, seenUs: tMs * MILLISECOND } as const;
    streams.get(object.kind)?.(item);
  }
  const builder = runBuilder(HEADER);
  builder.add({ e: 'anchor', session: 0, t: 0, wall: WALL_US });
  for (const clock of CLOCKS) {
    // All on one machine; its clock is known to 150 ms.
    const bounds = { lo: -150 * MILLISECOND, hi: 150 * MILLISECOND };
    builder.add({ e: 'offset', t: SECOND, clock, ...bounds });
  }
  for (const entry of sink.entries) builder.add(entry);
  return { run: builder.build([]), entries: sink.entries, events: recorded.length, told };
}

const stages = (entries: readonly Entry[], object: number, name: string) =>
  entries.flatMap((entry) =>
    entry.e === 'tr' && entry.o === object
      ? entry.c.filter(([told]) => told === name).map(([, value]) => value)
      : [],
  );

test('nothing was late, and so nothing is an interval: copied stamps prove nothing', () => {
  const { run } = replay();
  expect(narrowed(run)).toBe(run);
});

test('each stage is read once, in its order, whatever real controllers say before it', () => {
  const { run, entries } = replay();
  const of = (kind: string) =>
    Array.from({ length: run.objects.size }, (_, object) => object).find(
      (object) => run.objects.kindOf(object) === kind,
    ) as number;
  expect(stages(entries, of('VirtualMachine'), 'printableStatus')).toEqual([
    'Provisioning',
    'Stopped',
    'Starting',
    'Running',
    'Terminating',
  ]);
  expect(stages(entries, of('VirtualMachineInstance'), 'phase')).toEqual([
    'Pending',
    'Scheduling',
    'Scheduled',
    'Running',
    'Succeeded',
  ]);
  expect(stages(entries, of('DataVolume'), 'phase')).toEqual([
    'CloneScheduled',
    'CloneFromSnapshotSourceInProgress',
    'RebindInProgress',
    'Succeeded',
  ]);
  expect(stages(entries, of('Pod'), 'phase').at(0)).toBe('Running');
  expect(entries.filter((entry) => entry.e === 'tr' && entry.coalesced)).toEqual([]);
});

test('most of what real controllers write is no news, and leaves no line', () => {
  const { events, entries } = replay();
  expect(events).toBeGreaterThan(50);
  expect(entries.filter(({ e }) => e === 'tr').length).toBeLessThan(events / 1.5);
});
