/** Looking on at a load that a test makes with requests of its own, as kubectl would. */

import { describe, expect, test } from 'vitest';
import { withFound } from '../../src/analyse/found-run.ts';
import { narrowed } from '../../src/analyse/narrowing/narrowed-run.ts';
import { summarise } from '../../src/analyse/summary.ts';
import type { KubeObject } from '../../src/api/object.ts';
import {
  DATA_SOURCES,
  DATA_VOLUMES,
  NAMESPACES,
  SNAPSHOTS,
  VIRTUAL_MACHINES,
} from '../../src/api/resources.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { createRng } from '../../src/core/rng.ts';
import { type ObserveScope, observeLoad } from '../../src/drive/observe-load.ts';
import type { Progress } from '../../src/drive/progress.ts';
import { collectionPath, objectPath } from '../../src/kube/paths.ts';
import { OBSERVED_KINDS } from '../../src/observe/kinds.ts';
import { HISTORY_SCHEMA } from '../../src/record/entry.ts';
import { runBuilder } from '../../src/record/run-builder.ts';
import { collectEntries } from '../support/collect-entries.ts';
import type { FaultPlan } from '../../src/sim/apiserver/faults/plan.ts';
import {
  CLONE_US,
  type Fate,
  GUEST_US,
  type ToyCluster,
  toyCluster,
} from '../support/toy-cluster.ts';
import { pick } from './play.ts';

const NAMESPACE = 'load';
const LABELS = { app: 'mine' };

const LOOKOUT: ObserveScope = {
  selector: 'app=mine',
  namespace: undefined,
  kinds: OBSERVED_KINDS.map(({ resource }) => resource.plural),
  imageLabel: undefined,
  timeoutUs: 15 * MINUTE,
  waveGapUs: 30 * SECOND,
  durationUs: undefined,
  idleUs: undefined,
};

interface Watched {
  readonly toy: ToyCluster;
  /** So long after the watch began, or after the call before. */
  sleep(seconds: number): Promise<void>;
}

interface Beforehand {
  readonly fate?: (object: KubeObject) => Fate;
  /** Done before anybody looks. */
  readonly before?: (toy: ToyCluster) => void;
  readonly plan?: FaultPlan;
}

/** What came of looking on while `load` was made, and until the interruption after it. */
async function watched(
  load: (site: Watched) => Promise<void>,
  rules: Partial<ObserveScope> = {},
  { fate, before, plan }: Beforehand = {},
) {
  const toy = toyCluster(fate, plan);
  const { kernel: clock, transport } = toy;
  const sink = collectEntries();
  const over = new AbortController();
  const progress: Progress[] = [];
  toy.send('POST', collectionPath(NAMESPACES), named('Namespace', NAMESPACE));
  before?.(toy);
  const ending = await clock.run(async () => {
    const rng = createRng(1);
    const onProgress = (one: Progress) => void progress.push(one);
    const lab = { clock, transport, rng, sink, signal: over.signal, onProgress };
    const looking = observeLoad({ ...LOOKOUT, ...rules }, lab);
    await clock.sleep(SECOND);
    await load({ toy, sleep: (seconds) => clock.sleep(seconds * SECOND) });
    if (rules.durationUs === undefined && rules.idleUs === undefined) over.abort();
    return looking;
  });
  const { entries } = sink;
  const names = { run: 'o1', scenario: 'observe', target: 'simulated', seed: 1 } as const;
  const builder = runBuilder({ e: 'header', schema: HISTORY_SCHEMA, ...names });
  for (const entry of entries) builder.add(entry);
  const told = builder.build([]);
  const run = withFound(narrowed(told), told.objects);
  const summary = summarise(run);
  const figures = (metric: string) =>
    summary.metrics
      .filter((one) => one.metric === metric)
      .map(({ dimensions, n, reached, failed, censored, mean }) => {
        const { step: _, ...rest } = dimensions;
        return { ...rest, n, reached, failed, censored, mean: mean?.value };
      })
      .toSorted((a, b) => (`${a.image} ${a.source}` < `${b.image} ${b.source}` ? -1 : 1));
  return { ending, entries, run, summary, figures, progress };
}

function named(kind: string, name: string, rest: object = {}) {
  return { kind, metadata: { name }, ...rest } as unknown as KubeObject;
}

function volume(toy: ToyCluster, name: string, spec: object, labels: object = LABELS): void {
  const metadata = { name, namespace: NAMESPACE, labels };
  const body = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', metadata, spec };
  toy.send('POST', collectionPath(DATA_VOLUMES, NAMESPACE), body);
}

function clone(toy: ToyCluster, name: string, source: object, labels?: object): void {
  volume(toy, name, { source, storage: {} }, labels);
}

const FROM_PVC = { pvc: { namespace: 'golden', name: 'rhel9' } };
const FROM_SNAPSHOT = { snapshot: { namespace: 'golden', name: 'rhel9-snap' } };

function vm(toy: ToyCluster, name: string, spec: object = {}): void {
  const disk = `${name}-root`;
  const body = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: NAMESPACE, labels: LABELS },
    spec: {
      running: false,
      dataVolumeTemplates: [
        { metadata: { name: disk, labels: LABELS }, spec: { source: FROM_PVC, storage: {} } },
      ],
      template: {
        metadata: { labels: LABELS },
        spec: {
          domain: { devices: { disks: [{ name: 'config' }, { name: 'root', bootOrder: 1 }] } },
          volumes: [
            { name: 'config', cloudInitNoCloud: {} },
            { name: 'root', dataVolume: { name: disk } },
          ],
        },
      },
      ...spec,
    },
  };
  toy.send('POST', collectionPath(VIRTUAL_MACHINES, NAMESPACE), body);
}

function switchOn(toy: ToyCluster, name: string): void {
  const path = objectPath(VIRTUAL_MACHINES, { namespace: NAMESPACE, name });
  toy.send('PATCH', path, { spec: { running: true } });
}

describe('what others create', () => {
  test('is measured from its first sight, by what it is cloned from', async () => {
    const { figures, ending, run } = await watched(async ({ toy, sleep }) => {
      clone(toy, 'a', FROM_PVC);
      clone(toy, 'b', FROM_SNAPSHOT);
      clone(toy, 'c', { http: { url: 'https://me:secret@images.example/rhel9.qcow2?key=x' } });
      clone(toy, 'd', { blank: {} });
      clone(toy, 'not-ours', FROM_PVC, { app: 'theirs' });
      await sleep(20);
    });
    const one = { n: 1, reached: 1, failed: 0, censored: 0, mean: CLONE_US / SECOND };
    expect(figures('clone')).toMatchObject([
      { image: 'rhel9', source: 'pvc', ...one },
      { image: 'rhel9-snap', source: 'snapshot', ...one },
    ]);
    expect(figures('import')).toEqual([
      { image: 'rhel9.qcow2', source: 'http', ...one },
      { source: 'blank', ...one },
    ]);
    expect(ending).toEqual({ outcome: 'complete' });
    expect(run.operations.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('boots are filed under the image of their root disk, guests where one has an agent', async () => {
    const { figures, summary } = await watched(async ({ toy, sleep }) => {
      for (const name of ['vm-1', 'vm-2']) vm(toy, name);
      await sleep(15);
      for (const name of ['vm-1', 'vm-2']) switchOn(toy, name);
      await sleep(60);
    });
    const two = { image: 'rhel9', n: 2, reached: 2, failed: 0, censored: 0 };
    expect(figures('guestReady')).toEqual([{ ...two, mean: GUEST_US / SECOND }]);
    expect(figures('vmiRunning')).toMatchObject([two]);
    expect(figures('clone')).toMatchObject([{ ...two, source: 'pvc' }]);
    expect(figures('waveMakespan')).toMatchObject([
      { image: 'rhel9', source: 'pvc', n: 1 },
      { image: 'rhel9', n: 1, mean: GUEST_US / SECOND },
    ]);
    expect(summary.stages.map(({ stages }) => stages[0]?.stage)).toEqual(['created', 'created']);
    for (const absent of ['cloneResponse', 'runningResponse', 'guestReadyResponse', 'sendLag']) {
      expect(figures(absent)).toEqual([]);
    }
  });

  test('a label can name the image instead', async () => {
    const { figures } = await watched(
      async ({ toy, sleep }) => {
        clone(toy, 'a', FROM_PVC, { ...LABELS, image: 'gold' });
        clone(toy, 'b', FROM_SNAPSHOT, { ...LABELS, image: 'gold' });
        clone(toy, 'c', FROM_PVC);
        await sleep(20);
      },
      { imageLabel: 'image' },
    );
    expect(figures('clone').map(({ image }) => image)).toEqual(['gold', 'gold', 'rhel9']);
  });

  test('a DataSource is asked what it stands for, once', async () => {
    const { figures, entries } = await watched(async ({ toy, sleep }) => {
      const metadata = { name: 'fedora', namespace: 'golden' };
      const spec = { source: { snapshot: { namespace: 'golden', name: 'fedora-2026' } } };
      const kind = 'DataSource';
      toy.send('POST', collectionPath(NAMESPACES), named('Namespace', 'golden'));
      toy.send('POST', collectionPath(DATA_SOURCES, 'golden'), { kind, metadata, spec });
      const sourceRef = { kind, namespace: 'golden', name: 'fedora' };
      const via = { metadata: { name: 'via', namespace: 'golden' }, status: { source: FROM_PVC } };
      const indirect = { kind, ...via, spec: { source: { dataSource: { name: 'other' } } } };
      toy.send('POST', collectionPath(DATA_SOURCES, 'golden'), indirect);
      for (const name of ['a', 'b']) volume(toy, name, { sourceRef, storage: {} });
      volume(toy, 'd', { sourceRef: { ...sourceRef, name: 'via' }, storage: {} });
      volume(toy, 'c', { sourceRef: { kind, name: 'absent' }, storage: {} });
      await sleep(20);
    });
    expect(pick(entries, 'dataSource')).toMatchObject([
      { n: 'golden/fedora', src: 'snapshot' },
      { n: 'golden/via', src: 'pvc' },
    ]);
    expect(figures('clone')).toMatchObject([
      { image: 'absent', source: 'sourceRef', n: 1 },
      { image: 'fedora', source: 'snapshot', n: 2 },
      { image: 'via', source: 'pvc', n: 1 },
    ]);
    const notes = pick(entries, 'note').map(({ message }) => message);
    expect(notes).toEqual([expect.stringContaining('DataSource load/absent')]);
  });

  test('a snapshot is filed under the image that its claim is a clone of', async () => {
    const { figures } = await watched(async ({ toy, sleep }) => {
      clone(toy, 'disk', FROM_PVC);
      await sleep(15);
      for (const claim of ['disk', 'other']) {
        const metadata = { name: `of-${claim}`, namespace: NAMESPACE, labels: LABELS };
        const spec = { source: { persistentVolumeClaimName: claim } };
        const kind = 'VolumeSnapshot';
        toy.send('POST', collectionPath(SNAPSHOTS, NAMESPACE), { kind, metadata, spec });
      }
      clone(toy, 'of-snapshot', { snapshot: { name: 'of-other' } });
      await sleep(15);
    });
    expect(figures('snapshotReady').map(({ image }) => image)).toEqual(['other', 'rhel9']);
    const images = figures('clone').map(({ image, source }) => `${image} ${source}`);
    expect(images).toEqual(['other snapshot', 'rhel9 pvc']);
  });
});

describe('waves', () => {
  test('are bursts of one kind, apart by the gap', async () => {
    const { run, progress, figures } = await watched(
      async ({ toy, sleep }) => {
        for (const name of ['a', 'b', 'c', 'd']) {
          clone(toy, name, FROM_PVC);
          await sleep(name === 'c' ? 14 : 6);
        }
        await sleep(20);
      },
      { waveGapUs: 10 * SECOND },
    );
    expect(run.waves.map(({ size }) => size)).toEqual([3, 1]);
    expect(run.operations.map(({ wave }) => wave)).toEqual([0, 0, 0, 1]);
    expect(progress.at(-1)).toMatchObject({ wave: 2, operations: 4, reached: 4, inFlight: 0 });
    // The last clone of the first wave comes 12 s after its release.
    expect(figures('waveMakespan')).toMatchObject([{ n: 2, mean: CLONE_US / SECOND + 12 / 2 }]);
  });
});

describe('what is not reached', () => {
  test('is failed, gone, late or unfinished, and says which', async () => {
    const fate = ({ metadata: { name } }: KubeObject): Fate =>
      name?.startsWith('bad') ? 'fails' : name?.startsWith('slow') ? 'hangs' : undefined;
    const { run, figures, progress } = await watched(
      async ({ toy, sleep }) => {
        for (const name of ['good', 'bad', 'slow', 'slow-gone']) clone(toy, name, FROM_PVC);
        await sleep(2);
        toy.send('DELETE', objectPath(DATA_VOLUMES, { namespace: NAMESPACE, name: 'slow-gone' }));
        await sleep(100);
        clone(toy, 'late', FROM_PVC);
        await sleep(2);
      },
      { timeoutUs: MINUTE },
      { fate },
    );
    const misses = run.operations.map(({ name, miss }) => [name, miss?.how, miss?.reason]);
    expect(misses).toEqual([
      ['good', undefined, undefined],
      ['bad', 'failed', 'DataVolumeFailed'],
      ['slow', 'censored', 'Timeout'],
      ['slow-gone', 'censored', 'Deleted'],
      ['late', 'censored', 'Unfinished'],
    ]);
    expect(figures('clone')).toMatchObject([{ n: 5, reached: 1, failed: 1, censored: 3 }]);
    expect(progress.at(-1)).toMatchObject({ reached: 1, failed: 1, censored: 2, inFlight: 1 });
  });

  test('what was there before is counted, and in no figure', async () => {
    const { summary, figures, progress } = await watched(
      async ({ toy, sleep }) => {
        switchOn(toy, 'vm');
        await sleep(60);
      },
      {},
      { before: (toy) => vm(toy, 'vm') },
    );
    expect(summary.observed).toEqual({ thereBefore: { DataVolume: 1 } });
    expect(figures('clone')).toEqual([]);
    // Its disk was there before, and still tells its image.
    expect(figures('guestReady')).toMatchObject([{ image: 'rhel9', n: 1, reached: 1 }]);
    expect(progress.at(-1)).toMatchObject({ operations: 1, reached: 1 });
  });
});

describe('it ends', () => {
  test('after the duration, however much is under way', async () => {
    const { ending, run } = await watched(async ({ toy }) => clone(toy, 'a', FROM_PVC), {
      durationUs: 5 * SECOND,
    });
    expect(ending).toEqual({ outcome: 'complete' });
    expect(run.operations[0]?.miss?.reason).toBe('Unfinished');
  });

  test('when it is idle: the load has begun, nothing is under way, nothing is told', async () => {
    const { ending, run } = await watched(
      async ({ toy, sleep }) => {
        await sleep(100);
        vm(toy, 'vm', { running: true });
        await sleep(1);
      },
      { idleUs: 30 * SECOND },
    );
    expect(ending).toEqual({ outcome: 'complete' });
    expect(run.operations.map(({ kind, miss }) => [kind, miss])).toEqual([
      ['DataVolume', undefined],
      ['VirtualMachineInstance', undefined],
    ]);
    expect(run.lastUs).toBeGreaterThan((100 + 30 + 30) * SECOND);
  });
});

test('where the server is away at the end, nothing is claimed of what nobody saw', async () => {
  const plan = { restart: { everyUs: 10 * SECOND, forUs: 10 * MINUTE } };
  const load = async ({ toy, sleep }: Watched) => {
    await sleep(8);
    clone(toy, 'a', FROM_PVC);
    await sleep(41);
  };
  const { run, summary } = await watched(load, {}, { plan });
  const down = run.gaps.find(({ k }) => k === 'datavolumes');
  expect(down).toMatchObject({ relist: false, t: run.lastUs });
  expect(run.operations).toMatchObject([
    { name: 'a', miss: { how: 'censored', reason: 'Unfinished', atUs: down?.from } },
  ]);
  expect(summary.validity.watchGaps.seconds).toBeGreaterThan(30);
});
