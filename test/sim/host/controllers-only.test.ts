/**
 * Two processes in one: a bare API server, and simulated controllers on it that are ended and
 * started again while they work.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { builtMain } from '../../support/built-bench.ts';
import { rawRequest } from '../../support/kubeconfig-client.ts';
import { startBench, startCluster } from '../../support/served-cluster.ts';

const TEMPLATE = readFileSync(
  new URL('../../../scenarios/templates/vm-2-disk-template.yaml', import.meta.url),
  'utf8',
);
const CLASS = 'ocs-storagecluster-ceph-rbd-virtualization';
const SPEED = ['--speed', '60'];

interface Seen {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly readyToUse?: boolean };
}

function api(kubeconfig: string) {
  const send = async (method: string, path: string, value?: unknown, type?: string) => {
    const { status, text } = await rawRequest(kubeconfig, {
      method,
      path,
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
    return JSON.parse(text) as Seen & { readonly items: readonly Seen[] };
  };
  const until = async (path: string, is: (items: readonly Seen[]) => boolean) => {
    for (let tries = 0; tries < 300; tries++) {
      const { items } = await send('GET', path);
      if (is(items)) return items;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    throw new Error(
      `${path}: ${JSON.stringify((await send('GET', path)).items.map((it) => it.status))}`,
    );
  };
  return { send, until };
}

function play(kubeconfig: string, ...more: readonly string[]) {
  const started = startBench([
    'cluster',
    '--controllers-only',
    '--kubeconfig',
    kubeconfig,
    '--set',
    'simulation.nodes.count=4',
    ...SPEED,
    ...more,
  ]);
  return { ...started, ready: started.printed(/ready\n/) };
}

/** In a process of its own, which can be killed outright. */
async function playApart(kubeconfig: string) {
  const nodes = ['--set', 'simulation.nodes.count=4'];
  const argv = ['cluster', '--controllers-only', '--kubeconfig', kubeconfig, ...nodes, ...SPEED];
  const child = spawn(process.execPath, [builtMain(), ...argv]);
  await new Promise<void>((resolve) => {
    child.stdout.on('data', () => resolve());
  });
  return {
    kill: () =>
      new Promise<void>((resolve) => {
        child.on('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

/** Leases that stay held. */
function leaseMaker(kubeconfig: string) {
  const { send } = api(kubeconfig);
  return (namespace: string, name: string) =>
    send('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name },
      spec: {
        holderIdentity: 'someone',
        leaseDurationSeconds: 3600,
        renewTime: '2999-01-01T00:00:00.000000Z',
      },
    });
}

const DATA_VOLUMES = '/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes';
const SNAPSHOTS = '/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots';
const VMS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';
const VMIS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances';
const MERGE = 'application/merge-patch+json';

const IMAGE = {
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name: 'rhel9-placeholder' },
  spec: {
    source: { http: { url: 'http://127.0.0.1:8000/rhel9_uefi.qcow2' } },
    pvc: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '22Gi' } },
      volumeMode: 'Block',
      storageClassName: CLASS,
    },
  },
};
const SNAPSHOT = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name: 'rhel9-snap' },
  spec: {
    volumeSnapshotClassName: 'ocs-storagecluster-rbdplugin-snapclass',
    source: { persistentVolumeClaimName: 'rhel9-placeholder' },
  },
};

const succeeded = (items: readonly Seen[]) =>
  items.length > 0 && items.every(({ status }) => status?.phase === 'Succeeded');

describe('controllers on a server of their own', () => {
  test('ended and started again while they work, they lose nothing', async () => {
    const server = await startCluster(['--no-simulate', ...SPEED]);
    const { send, until } = api(server.kubeconfig);
    const first = await playApart(server.kubeconfig);
    await send('POST', DATA_VOLUMES, IMAGE);
    await until(DATA_VOLUMES, succeeded);
    await send('POST', SNAPSHOTS, SNAPSHOT);
    await until(SNAPSHOTS, ([snapshot]) => snapshot?.status?.readyToUse === true);
    for (const index of ['1', '2', '3', '4']) {
      const [vm] = parseAllDocuments(TEMPLATE.replaceAll('placeholder', index));
      await send('POST', VMS, vm?.toJS());
    }
    await first.kill();

    const second = play(server.kubeconfig);
    await second.ready;
    await until(DATA_VOLUMES, (items) => items.length === 9 && succeeded(items));
    const volumes = await send('GET', '/api/v1/persistentvolumes');
    expect(volumes.items).toHaveLength(9);
    for (const index of ['1', '2', '3', '4']) {
      await send('PATCH', `${VMS}/rhel9-${index}`, { spec: { running: true } }, MERGE);
    }
    await until(VMIS, (items) => items.some(({ status }) => status?.phase === 'Scheduling'));
    expect(await second.stop()).toBe(130);

    const third = play(server.kubeconfig);
    await third.ready;
    const booted = await until(
      VMIS,
      (items) =>
        items.length === 4 &&
        items.every((item) => JSON.stringify(item).includes('AgentConnected')),
    );
    const nodes = (await send('GET', '/api/v1/nodes')).items.map(({ metadata }) => metadata.name);
    const pods = await send('GET', '/api/v1/namespaces/default/pods');
    const bound = pods.items.flatMap(({ spec }) => spec.nodeName ?? []);
    expect(nodes).toEqual(expect.arrayContaining(bound));

    // Guests that run are taken over, not booted again.
    expect(await third.stop()).toBe(130);
    const fourth = play(server.kubeconfig);
    await fourth.ready;
    const after = await until(VMIS, (items) => items.length === 4);
    expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(
      booted.map(({ metadata }) => metadata.uid).sort(),
    );
    await send('DELETE', `${VMS}/rhel9-1`);
    await until(VMIS, (items) => items.length === 3);
    expect(await fourth.stop()).toBe(130);
    await server.stop();
  });

  test('a server with KubeVirt is left alone', async () => {
    const server = await startCluster(SPEED);
    const started = play(server.kubeconfig);
    started.ready.catch(() => undefined);
    expect(await started.exit).toBe(64);
    expect(started.err()).toMatch(/KubeVirt is installed/);
    expect(started.err()).toMatch(/CDI is installed/);
    await server.stop();
  });

  test('held leases of operators, and what the server does itself', async () => {
    const server = await startCluster(['--no-simulate']);
    const lease = leaseMaker(server.kubeconfig);
    await lease('kube-system', 'kube-scheduler');
    const left = play(server.kubeconfig, '--speed', '1');
    await left.ready;
    expect(left.err()).toContain('without scheduler');
    await left.stop();
    await lease('default', 'virt-controller');
    const refused = play(server.kubeconfig);
    refused.ready.catch(() => undefined);
    expect(await refused.exit).toBe(64);
    expect(refused.err()).toContain('default/virt-controller is held by someone');
    await server.stop();
  });

  test('a real CDI finds the driver registered, and what we registered stops nobody', async () => {
    const server = await startCluster(['--no-simulate']);
    const { send } = api(server.kubeconfig);
    for (const list of ['*,-cdi', '*']) {
      const beside = play(server.kubeconfig, '--controllers', list);
      await beside.ready;
      await beside.stop();
      // The one before has released its lease, and saved what its Ceph held.
      expect(beside.err()).not.toMatch(/waiting|aborted/);
    }
    const driver = '/apis/storage.k8s.io/v1/csidrivers/openshift-storage.rbd.csi.ceph.com';
    expect(await send('GET', driver)).toMatchObject({ spec: { attachRequired: true } });
    await server.stop();
  });

  test('a controller manager that comes later ends ours, and is made room for', async () => {
    const server = await startCluster(['--no-simulate', ...SPEED]);
    const lease = leaseMaker(server.kubeconfig);
    const unaware = play(server.kubeconfig);
    await unaware.ready;
    await lease('kube-system', 'somebody-else');
    await lease('kube-system', 'kube-controller-manager');
    expect(await unaware.exit).toBe(1);
    expect(unaware.err()).toMatch(
      /bench: kube-controller-manager has come, which does garbage-collector, .*--controllers LIST/,
    );
    const aware = play(server.kubeconfig);
    await aware.ready;
    expect(aware.err()).toContain('without garbage-collector');
    await lease('kube-system', 'kube-scheduler');
    expect(await aware.exit).toBe(1);
    expect(aware.err()).toContain('kube-scheduler has come, which does scheduler');
    await server.stop();
  });
});

test('options of bench cluster are none of the commands below it', async () => {
  const help = async (...command: readonly string[]) => {
    const started = startBench([...command, '--help']);
    expect(await started.exit).toBe(0);
    return started.out().match(/--[a-z-]+/g);
  };
  expect(await help('cluster', 'crds')).toEqual(['--help', '--version']);
  expect(await help('cluster')).toEqual(expect.arrayContaining(['--speed', '--controllers']));
});

test('crds prints one definition for each kind that controllers need', async () => {
  const started = startBench(['cluster', 'crds']);
  expect(await started.exit).toBe(0);
  const kinds = parseAllDocuments(started.out()).map(
    (each) => (each.toJS() as { spec: { names: { kind: string } } }).spec.names.kind,
  );
  expect(kinds).toEqual(
    expect.arrayContaining([
      'VirtualMachine',
      'VirtualMachineInstance',
      'DataVolume',
      'StorageProfile',
      'VolumeCloneSource',
      'VolumeImportSource',
      'VolumeSnapshot',
      'VolumeSnapshotContent',
      'VolumeSnapshotClass',
    ]),
  );
  expect(kinds).not.toContain('KubeVirt');
});
