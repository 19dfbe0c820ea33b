/** Streams played by hand: which entries they leave, and how well each time is known. */

import { describe, expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../src/api/compute.ts';
import type { Condition, KubeObject, OwnerReference } from '../../src/api/object.ts';
import { SECOND } from '../../src/core/duration.ts';
import { deepFreeze } from '../../src/core/json.ts';
import { rfc3339 } from '../../src/core/time-text.ts';
import type { StreamItem } from '../../src/kube/list-watch.ts';
import { OBSERVED_KINDS } from '../../src/observe/kinds.ts';
import { createReducer, type Past, type Sightings } from '../../src/observe/reducer.ts';
import type { Entry } from '../../src/record/entry.ts';
import { collectEntries } from '../support/collect-entries.ts';

const SILENT: Sightings = {
  appeared: () => {},
  changed: () => {},
  adopted: () => {},
  gone: () => {},
  cleared: () => {},
};

function dataVolume(phase: string): KubeObject {
  const metadata = { name: 'a', namespace: 'ns', uid: 'dv' };
  return { apiVersion: 'v1', kind: 'DataVolume', metadata, status: { phase } };
}

function claimOf(phase: string, owner: OwnerReference | undefined, more: object = {}): KubeObject {
  const owned = owner === undefined ? {} : { ownerReferences: [owner] };
  const metadata = { name: 'a', namespace: 'ns', uid: 'claim', ...owned, ...more };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, status: { phase } };
}

const OWNER = { apiVersion: 'v1', kind: 'DataVolume', name: 'a', uid: 'dv', controller: true };

/** A reducer whose streams are fed by kind; times are seconds. */
function stage(sightings: Partial<Sightings> = {}, past?: Past) {
  const sink = collectEntries();
  const sinceStartUs = (clockUs: number) => clockUs;
  const notebook = { ...sink, originUs: 0, nowUs: () => 0, sinceStartUs };
  const reducer = createReducer({
    notebook,
    sightings: { ...SILENT, ...sightings },
    namespace: 'ns',
    past,
  });
  const streams = new Map(
    OBSERVED_KINDS.map((kind) => [kind.resource.kind, reducer.stream(kind)] as const),
  );
  const feed = (kind: string, item: StreamItem<KubeObject>) => streams.get(kind)?.(item);
  return {
    feed,
    entries: sink.entries,
    of: <E extends Entry['e']>(e: E) =>
      sink.entries.filter((entry): entry is Entry & { readonly e: E } => entry.e === e),
    synced: (kind: string, at = 0, relist = false) =>
      feed(kind, { kind: 'synced', seenUs: at * SECOND, askedUs: at * SECOND, relist }),
    saw: (object: KubeObject, at: number, type: 'ADDED' | 'MODIFIED' | 'DELETED' = 'MODIFIED') =>
      feed(object.kind, { kind: 'changed', type, object, seenUs: at * SECOND }),
    listed: (object: KubeObject, at: number) =>
      feed(object.kind, { kind: 'listed', object, seenUs: at * SECOND }),
    lost: (kind: string, since: number) =>
      feed(kind, { kind: 'lost', sinceUs: since * SECOND, cause: 'broken' }),
    reopened: (kind: string, from: number, to: number) =>
      feed(kind, {
        kind: 'gap',
        fromUs: from * SECOND,
        toUs: to * SECOND,
        cause: 'broken',
        relist: false,
      }),
    alive: (kind: string, at: number) => feed(kind, { kind: 'alive', seenUs: at * SECOND }),
  };
}

interface Drafted {
  readonly uid?: string;
  readonly owner?: { readonly kind: string; readonly uid: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}

function object(kind: string, name: string, status: unknown, draft: Drafted = {}): KubeObject {
  const { owner, uid = `${kind}-${name}`, annotations, spec = {} } = draft;
  return deepFreeze({
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: 'ns',
      uid,
      creationTimestamp: rfc3339(1_000 * SECOND),
      ...(annotations ? { annotations } : {}),
      ...(owner
        ? { ownerReferences: [{ apiVersion: 'v1', name: 'o', controller: true, ...owner }] }
        : {}),
    },
    spec,
    status,
  });
}

function volume(phase: string, conditions: readonly Condition[] = [], draft: Drafted = {}) {
  return object('DataVolume', 'dv', { phase, conditions }, draft);
}

function condition(type: string, status: Condition['status'], at: number): Condition {
  return { type, status, lastTransitionTime: rfc3339(at * SECOND) };
}

function vmi(phases: readonly string[], nodeName?: string): VirtualMachineInstance {
  const phaseTransitionTimestamps = phases.map((phase, i) => ({
    phase,
    phaseTransitionTimestamp: rfc3339((1_000 + i) * SECOND),
  }));
  const status = { phase: phases.at(-1), phaseTransitionTimestamps, nodeName };
  return object('VirtualMachineInstance', 'vm', status) as VirtualMachineInstance;
}

describe('objects', () => {
  test('are introduced once, and are a number from then on', () => {
    const { synced, saw, of } = stage();
    synced('DataVolume');
    saw(volume('Pending', [], { spec: { source: { pvc: {} } } }), 1, 'ADDED');
    saw(volume('Succeeded'), 2);
    expect(of('obj')).toEqual([
      {
        e: 'obj',
        t: SECOND,
        o: 0,
        k: 'DataVolume',
        n: 'dv',
        u: 'DataVolume-dv',
        at: 1000,
        src: 'pvc',
      },
    ]);
    expect(of('tr').map(({ t, o, c }) => [t, o, c])).toEqual([
      [2 * SECOND, 0, [['phase', 'Succeeded']]],
    ]);
  });

  test('name their owner by number, or by UID as long as it is unknown', () => {
    const adopted: string[] = [];
    const { synced, saw, of } = stage({ adopted: ({ name }) => adopted.push(name) });
    for (const { resource } of OBSERVED_KINDS) synced(resource.kind);
    const vm = object('VirtualMachine', 'vm', {});
    const owner = { kind: 'VirtualMachine', uid: 'VirtualMachine-vm' };
    saw(object('DataVolume', 'early', { phase: 'Succeeded' }, { owner }), 1, 'ADDED');
    saw(vm, 2, 'ADDED');
    saw(object('DataVolume', 'late', {}, { owner }), 3, 'ADDED');
    expect(of('obj').map(({ n, own, ownUid }) => [n, own, ownUid])).toEqual([
      ['early', undefined, 'VirtualMachine-vm'],
      ['vm', undefined, undefined],
      ['late', 1, undefined],
    ]);
    expect(adopted).toEqual(['early']);
  });

  test("of CDI's own making are left out", () => {
    const { synced, saw, entries } = stage();
    synced('PersistentVolumeClaim');
    synced('Pod');
    const prime = { owner: { kind: 'PersistentVolumeClaim', uid: 'x' } };
    saw(object('PersistentVolumeClaim', 'prime-x', { phase: 'Bound' }, prime), 1, 'ADDED');
    saw(object('PersistentVolumeClaim', 'tmp-pvc-x', { phase: 'Bound' }), 1, 'ADDED');
    saw(object('Pod', 'importer-x', { phase: 'Running' }, prime), 1, 'ADDED');
    expect(entries).toEqual([]);
  });

  test('with the same name and another UID are other objects', () => {
    const { synced, saw, of } = stage();
    synced('DataVolume');
    saw(volume('Pending'), 1, 'ADDED');
    saw(volume('Pending'), 2, 'DELETED');
    saw(volume('Pending', [], { uid: 'second' }), 3, 'ADDED');
    expect(of('obj').map(({ o, u }) => [o, u])).toEqual([
      [0, 'DataVolume-dv'],
      [1, 'second'],
    ]);
    expect(of('del')).toEqual([{ e: 'del', t: 2 * SECOND, o: 0 }]);
  });
});

describe('changes', () => {
  test('carry the stamp and the clock that wrote it', () => {
    const { synced, saw, of } = stage();
    synced('DataVolume');
    synced('VirtualMachineInstance');
    saw(volume('Succeeded', [condition('Ready', 'True', 2_000)]), 1, 'ADDED');
    saw(vmi(['Pending']), 2, 'ADDED');
    saw(vmi(['Pending', 'Scheduling']), 3);
    saw(vmi(['Pending', 'Scheduling', 'Running'], 'worker-7'), 4);
    const clocks = of('clock').map(({ name }) => name);
    expect(clocks).toEqual(['cdi', 'virt-api', 'virt-controller', 'node/worker-7']);
    expect(of('tr').map(({ c }) => c)).toEqual([
      [
        ['phase', 'Succeeded'],
        ['Ready', 'True', 2_000, 0],
      ],
      [['phase', 'Pending', 1_000, 1]],
      [['phase', 'Scheduling', 1_001, 2]],
      [
        ['phase', 'Running', 1_002, 3],
        ['node', 'worker-7'],
      ],
    ]);
  });

  test('that say nothing new leave no line', () => {
    const { synced, saw, of } = stage();
    synced('DataVolume');
    saw(volume('Pending'), 1, 'ADDED');
    saw(volume('CloneScheduled'), 2);
    saw(object('DataVolume', 'dv', { phase: 'CloneScheduled', progress: '12%' }), 3);
    saw(volume('CloneScheduled', [condition('Ready', 'False', 5)]), 4);
    expect(of('tr').map(({ t }) => t)).toEqual([2 * SECOND]);
  });

  test('of a condition are told in both directions once it was true', () => {
    const { synced, saw, of } = stage();
    synced('DataVolume');
    for (const [at, status] of ['False', 'True', 'Unknown', 'True'].entries()) {
      saw(volume('X', [condition('Running', status as Condition['status'], at)]), at);
    }
    const told = of('tr').flatMap(({ c }) => c.filter(([name]) => name === 'Running'));
    expect(told.map(([, value]) => value)).toEqual(['True', 'Unknown', 'True']);
  });

  test("of CDI's annotations are those of the claim", () => {
    const { synced, saw, of } = stage();
    synced('PersistentVolumeClaim');
    const owner = { kind: 'DataVolume', uid: 'x' };
    const annotations = {
      'cdi.kubevirt.io/cloneType': 'copy',
      'cdi.kubevirt.io/cloneFallbackReason': 'NoVolumeSnapshotClass',
      'cdi.kubevirt.io/clonePhase': 'Pending',
      'cdi.kubevirt.io/storage.pod.restarts': '0',
    };
    saw(object('PersistentVolumeClaim', 'c', { phase: 'Pending' }, { owner, annotations }), 1);
    expect(of('tr')[0]?.c).toEqual([
      ['cloneType', 'copy'],
      ['cloneFallbackReason', 'NoVolumeSnapshotClass'],
    ]);
  });

  test('that arrive together are all told, and bounded by the last sight of the object', () => {
    const { synced, saw, of } = stage();
    synced('VirtualMachineInstance');
    saw(vmi(['Pending']), 5, 'ADDED');
    saw(vmi(['Pending', 'Scheduling', 'Scheduled']), 9);
    const [, second] = of('tr');
    expect(second).toMatchObject({ t: 9 * SECOND, l: 5 * SECOND, coalesced: true });
    expect(second?.c.map(([, value]) => value)).toEqual(['Scheduling', 'Scheduled']);
  });
});

describe('after an interruption', () => {
  test('what is replayed is bounded by the last sign of life, until a bookmark', () => {
    const { synced, saw, lost, reopened, alive, of } = stage();
    synced('DataVolume');
    saw(volume('Pending'), 1, 'ADDED');
    lost('DataVolume', 10);
    reopened('DataVolume', 10, 30);
    saw(volume('CloneScheduled'), 30);
    alive('DataVolume', 31);
    saw(volume('Succeeded'), 32);
    expect(of('gap')).toEqual([
      {
        e: 'gap',
        k: 'datavolumes',
        from: 10 * SECOND,
        t: 30 * SECOND,
        cause: 'broken',
        relist: false,
      },
    ]);
    expect(of('tr').map(({ t, l }) => [t / SECOND, l])).toEqual([
      [30, 10 * SECOND],
      [32, undefined],
    ]);
  });

  test('a stream that was silent for long has nothing left to replay', () => {
    const { synced, saw, lost, reopened, of } = stage();
    synced('DataVolume');
    saw(volume('Pending'), 1, 'ADDED');
    lost('DataVolume', 10);
    reopened('DataVolume', 10, 30);
    saw(volume('Succeeded'), 36);
    expect(of('tr').map(({ l }) => l)).toEqual([undefined]);
  });

  test('a version that is gone means a new list, whoever reports it', () => {
    const { feed, of } = stage();
    const gap = { kind: 'gap', fromUs: 10, toUs: 20, relist: false } as const;
    feed('DataVolume', { ...gap, cause: 'gone' });
    feed('DataVolume', { ...gap, cause: 'broken' });
    expect(of('gap').map(({ cause, relist }) => [cause, relist])).toEqual([
      ['gone', true],
      ['broken', false],
    ]);
  });

  test('a new list brings late changes, late objects and late deletions', () => {
    const { synced, saw, listed, lost, of } = stage();
    synced('DataVolume');
    saw(volume('Pending'), 1, 'ADDED');
    saw(object('DataVolume', 'doomed', { phase: 'Pending' }), 1, 'ADDED');
    lost('DataVolume', 10);
    listed(volume('Succeeded'), 40);
    listed(object('DataVolume', 'new', { phase: 'CloneScheduled' }), 40);
    synced('DataVolume', 40, true);
    saw(object('DataVolume', 'new', { phase: 'Succeeded' }), 41);
    const at = { t: 40 * SECOND, l: 10 * SECOND };
    expect(of('tr').slice(0, 2)).toMatchObject([
      { ...at, o: 0, coalesced: true },
      { ...at, o: 2, coalesced: true },
    ]);
    expect(of('obj')[2]).toMatchObject({ ...at, n: 'new' });
    expect(of('del')).toEqual([{ e: 'del', ...at, o: 1 }]);
    // What follows the list may still be a replay of what happened since the list was made.
    expect(of('tr').at(-1)).toMatchObject({ t: 41 * SECOND, l: 40 * SECOND });
  });

  test('after a resumption, what came while nobody looked is bounded by the session before', () => {
    const known = {
      id: 0,
      kind: 'DataVolume',
      namespace: 'ns',
      name: 'dv',
      uid: 'DataVolume-dv',
      ownerUid: undefined,
      values: ['phase', 'Pending'],
      stamps: 0,
    };
    const sinceUs = { DataVolume: 40 * SECOND };
    const { listed, synced, saw, alive, of } = stage({}, { known: [known], clocks: [], sinceUs });
    listed(volume('CloneScheduled'), 60);
    synced('DataVolume', 61);
    // The watch may still bring what came after the list was made.
    saw(volume('CloneInProgress'), 62);
    alive('DataVolume', 63);
    saw(volume('Succeeded'), 64);
    expect(of('tr').map(({ t, l }) => [t / SECOND, l === undefined ? l : l / SECOND])).toEqual([
      [60, 40],
      [62, 61],
      [64, undefined],
    ]);
  });

  test('an object that came and went unseen leaves nothing', () => {
    const { synced, lost, of } = stage();
    synced('DataVolume');
    lost('DataVolume', 10);
    synced('DataVolume', 20, true);
    expect(of('del')).toEqual([]);
  });
});

describe('a DataVolume that goes in a watch gap', () => {
  const SUCCEEDED = { o: 0, c: [['phase', 'Succeeded']], l: 2 * SECOND };

  function begun() {
    const staged = stage();
    staged.synced('DataVolume');
    staged.synced('PersistentVolumeClaim');
    staged.saw(dataVolume('CloneInProgress'), 1, 'ADDED');
    staged.saw(claimOf('Pending', OWNER), 1, 'ADDED');
    staged.lost('DataVolume', 2);
    const ends = () =>
      staged.entries.flatMap((entry) =>
        (entry.e === 'tr' || entry.e === 'del') && entry.o === 0 && entry.t > SECOND ? [entry] : [],
      );
    return { ...staged, ends };
  }

  test('is done where its claim is Bound and its own by then', () => {
    const { saw, synced, ends } = begun();
    saw(claimOf('Bound', undefined), 3);
    synced('DataVolume', 10, true);
    expect(ends()).toMatchObject([
      { e: 'tr', t: 10 * SECOND, ...SUCCEEDED },
      { e: 'del', t: 10 * SECOND, l: 2 * SECOND },
    ]);
  });

  test('or once its claim is seen to be so', () => {
    const { saw, synced, ends } = begun();
    synced('DataVolume', 10, true);
    expect(ends()).toEqual([]);
    saw(claimOf('Bound', OWNER), 11);
    expect(ends()).toEqual([]);
    saw(claimOf('Bound', undefined), 12);
    expect(ends()).toMatchObject([{ t: 12 * SECOND, ...SUCCEEDED }, { e: 'del' }]);
  });

  test.each([
    ['DELETED', {}],
    ['MODIFIED', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
  ] as const)('and is not where its claim goes with it: %s', (type, more) => {
    const { saw, synced, ends } = begun();
    synced('DataVolume', 10, true);
    saw(claimOf('Bound', OWNER, more), 11, type);
    expect(ends()).toMatchObject([{ e: 'del', t: 11 * SECOND, l: 2 * SECOND }]);
  });
});
