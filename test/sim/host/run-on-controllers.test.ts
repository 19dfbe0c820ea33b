/**
 * A run on an API server with nothing but the kinds, where `bench cluster --controllers-only` plays
 * KubeVirt. Both are killed outright on the way: nothing is lost, done twice, or left. Two arms: a
 * bare simulated server, and with CONFORMANCE_KUBECONFIG a real one that has the kinds.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CLAIMS,
  CONFIG_MAPS,
  DATA_VOLUMES,
  VMIS,
  NAMESPACES,
  type Resource,
  VIRTUAL_MACHINES,
} from '../../../src/api/resources.ts';
import { systemClock } from '../../../src/core/system-clock.ts';
import { createClient } from '../../../src/kube/client.ts';
import { createHttpsTransport } from '../../../src/kube/https-transport.ts';
import { loadConnection } from '../../../src/kube/kubeconfig.ts';
import { readRun } from '../../../src/record/reader.ts';
import { type RunningBench, startBench } from '../../support/built-bench.ts';
import { onEachArm, REAL_KUBECONFIG, until } from '../../support/conformance-arms.ts';
import { startCluster } from '../../support/served-cluster.ts';
import { ROOT } from '../../support/sources.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
/**
 * A bare server has no start subresource. At this speed the seconds in which a busy machine starts
 * bench again are longer than the ten minutes that a boot is given.
 */
const BY_PATCH = ['--set', 'steps.2.boot.via=patch', '--set', 'timeouts.boot=6h'];
const NODES = ['--set', 'simulation.nodes.count=6', '--speed', '60'];
const clock = systemClock();

onEachArm('runs on simulated controllers', (arm) => {
  test('controllers and run are killed in turn, and the run comes to its end', async () => {
    const opened =
      arm.name === 'real'
        ? await arm.open()
        : await startCluster(['--no-simulate', '--speed', '60']);
    const { kubeconfig } = opened;
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const runId = `k${clock.wallUs().toString(36)}`;
    const base = ['--kubeconfig', kubeconfig, '--no-report'];
    let controllers = await play(kubeconfig, folder);
    const run = startBench(['run', TINY, '--run-id', runId, ...base, ...BY_PATCH], folder);
    try {
      await said(run, "'clone rhel9'");
      await killed(controllers);
      controllers = await play(kubeconfig, folder);
      await said(run, "'boot rhel9'");
      await killed(run);
      await killed(controllers);
      controllers = await play(kubeconfig, folder);
      const resumed = await startBench(['resume', runId, '--no-report'], folder).done;
      expect(resumed.err).toContain('nothing is left');
      expect([0, 3]).toContain(resumed.code);
      const recorded = readRun(join(folder, 'results/tiny', runId, 'history.ndjson'));
      expect(recorded.problems).toEqual([]);
      expect(recorded.anchors.map(({ session }) => session)).toEqual([0, 1]);
      expect(recorded.operations).toHaveLength(2 + 6 + 4 + 4);
      expect(recorded.operations.filter(({ miss }) => miss)).toEqual([]);
      expect(await leftOf(kubeconfig, `bench-${runId}`)).toEqual([]);
    } finally {
      await killed(run);
      await killed(controllers);
      await opened.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

onEachArm('a load that others make there', (arm) => {
  test('is observed, each object once, and interrupted in good order', async () => {
    const opened =
      arm.name === 'real'
        ? await arm.open()
        : await startCluster(['--no-simulate', '--speed', '20']);
    const { kubeconfig } = opened;
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const runId = `o${clock.wallUs().toString(36)}`;
    const controllers = await play(kubeconfig, folder);
    const { client, close } = await clientOf(kubeconfig);
    const looking = startBench(
      ['observe', '--selector', `load=${runId}`, '--run-id', runId, '--no-report'].concat([
        '--kubeconfig',
        kubeconfig,
        '--progress',
        'json',
      ]),
      folder,
    );
    try {
      await client.create(NAMESPACES, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: runId },
      });
      await said(looking, '"observed"');
      const uids = await Promise.all(
        ['a', 'b', 'c'].map(async (name) => {
          const made = await client.create(DATA_VOLUMES, blankVolume(runId, name));
          return made.metadata.uid;
        }),
      );
      const areDone = async () => {
        const { items } = await client.list(DATA_VOLUMES, { namespace: runId });
        return items.every(({ status }) => status?.phase === 'Succeeded');
      };
      await until(areDone);
      await clock.sleep(5e5);
      looking.process.kill('SIGINT');
      const { code, out } = await looking.done;
      expect(code).toBe(130);
      expect(out).toContain(`observe, run ${runId}: `);
      const { run } = JSON.parse(
        readFileSync(join(folder, 'results/observe', runId, 'summary.json'), 'utf8'),
      );
      expect(run.outcome).toBe('complete');
      const recorded = readRun(join(folder, 'results/observe', runId, 'history.ndjson'));
      expect(recorded.problems).toEqual([]);
      const { objects } = recorded;
      const seen = Array.from({ length: objects.size }, (_, object) => object);
      const volumes = seen.filter((object) => objects.kindOf(object) === 'DataVolume');
      expect(new Set(volumes.map((object) => objects.uidOf(object)))).toEqual(new Set(uids));
      expect(volumes).toHaveLength(3);
      for (const volume of volumes) {
        expect(objects.first(volume, 'phase', 'Succeeded')).toBeDefined();
      }
    } finally {
      await client.remove(NAMESPACES, { name: runId }).catch(() => undefined);
      await killed(looking);
      close();
      controllers.process.kill('SIGINT');
      await controllers.done;
      await opened.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.skipIf(REAL_KUBECONFIG === undefined)(
  'on a real server a kept run is listed, and removed without what others have put there',
  async () => {
    const kubeconfig = REAL_KUBECONFIG ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const runId = `c${clock.wallUs().toString(36)}`;
    const namespace = `bench-${runId}`;
    const bench = (...argv: readonly string[]) =>
      startBench([...argv, '--kubeconfig', kubeconfig], folder).done;
    const controllers = await play(kubeconfig, folder);
    const { client, close } = await clientOf(kubeconfig);
    try {
      const kept = await bench(
        'run',
        TINY,
        '--run-id',
        runId,
        '--no-report',
        '--keep',
        ...BY_PATCH,
      );
      expect([0, 3]).toContain(kept.code);
      const labels = { 'bench.kubevirt.io/run': runId };
      const copied = { name: 'copied', namespace, labels };
      await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: copied });
      const asked = await bench('cleanup', runId);
      expect(asked.code).toBe(64);
      expect(asked.out).toContain(`VirtualMachine ${namespace}/rhel9-1 of run ${runId}`);
      expect((await client.list(VMIS, { namespace })).items).toHaveLength(4);
      const removed = await bench('cleanup', runId, '--yes');
      expect(removed.err).toContain('removed');
      expect((await client.list(VIRTUAL_MACHINES, { namespace })).items).toEqual([]);
      expect((await client.list(CLAIMS, { namespace })).items).toEqual([]);
    } finally {
      await client.remove(NAMESPACES, { name: namespace }).catch(() => undefined);
      await clock.sleep(2e6);
      close();
      await killed(controllers);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

function blankVolume(namespace: string, name: string) {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { namespace, name, labels: { load: namespace } },
    spec: {
      source: { blank: {} },
      storage: {
        resources: { requests: { storage: '1Gi' } },
        storageClassName: 'ocs-storagecluster-ceph-rbd-virtualization',
      },
    },
  };
}

/** Resolves when they work: the lease of those before has to run out. */
async function play(kubeconfig: string, folder: string): Promise<RunningBench> {
  const argv = ['cluster', '--controllers-only', '--kubeconfig', kubeconfig, ...NODES];
  const started = startBench(argv, folder);
  await said(started, 'playing KubeVirt');
  return started;
}

async function said(bench: RunningBench, text: string): Promise<void> {
  const over = { is: false };
  void bench.done.then(() => (over.is = true));
  await until(() => over.is || bench.err().includes(text), 3000);
  expect(bench.err()).toContain(text);
}

async function killed(bench: RunningBench): Promise<void> {
  bench.process.kill('SIGKILL');
  await bench.done;
}

/** Kinds of which the namespace has objects, and the namespace itself while it is there. */
async function leftOf(kubeconfig: string, namespace: string): Promise<readonly string[]> {
  const { client, close } = await clientOf(kubeconfig);
  const left: string[] = [];
  const kinds: readonly Resource[] = [VIRTUAL_MACHINES, VMIS, DATA_VOLUMES, CLAIMS];
  for (const resource of kinds) {
    const { items } = await client.list(resource, { namespace });
    if (items.length > 0) left.push(resource.kind);
  }
  const { items } = await client.list(NAMESPACES);
  if (items.some(({ metadata }) => metadata.name === namespace)) left.push('Namespace');
  close();
  return left;
}

async function clientOf(kubeconfig: string) {
  const connection = await loadConnection({ kubeconfig });
  const transport = await createHttpsTransport({ connection, clock, userAgent: 'test' });
  return { client: createClient(transport), close: () => transport.close() };
}
