/** The article's own commands, with `kubectl` for `oc`, against `bench cluster`. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { installedKubectls, type KubectlResult, runKubectl } from '../../support/kubectl.ts';
import { startCluster } from '../../support/served-cluster.ts';

const TEMPLATE = readFileSync(
  new URL('../../../scenarios/templates/vm-2-disk-template.yaml', import.meta.url),
  'utf8',
);

const DATA_VOLUME = `apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: rhel9-placeholder
spec:
  source:
    http:
      url: http://127.0.0.1:8000/rhel9_uefi.qcow2
  pvc:
    accessModes:
    - ReadWriteMany
    resources:
      requests:
        storage: 22Gi
    volumeMode: Block
    storageClassName: ocs-storagecluster-ceph-rbd-virtualization
`;

const SNAPSHOT = `apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: rhel9-snap
  namespace: default
spec:
  volumeSnapshotClassName: ocs-storagecluster-rbdplugin-snapclass
  source:
    persistentVolumeClaimName: rhel9-placeholder
`;

const START = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines';

const kubectls = installedKubectls();
/** The oldest and the newest: each takes some seconds. */
const driven = kubectls.filter((_, i) => i === 0 || i === kubectls.length - 1);

describe.skipIf(kubectls.length === 0)('the article as written', () => {
  test.each(driven)('kubectl $version', async (kubectl) => {
    const cluster = await startCluster(['--speed', '60']);
    const run = (args: string, input?: string) =>
      runKubectl(kubectl, cluster.kubeconfig, args.split(' '), input);
    try {
      expect(await run('apply -f -', DATA_VOLUME)).toMatchObject(said('rhel9-placeholder created'));
      expect(
        await run('wait dv/rhel9-placeholder --for=jsonpath={.status.phase}=Succeeded'),
      ).toMatchObject(said('condition met'));
      expect(columns(await run('get dv'))).toEqual(['NAME PHASE PROGRESS RESTARTS AGE']);
      expect((await run('get pvc')).out).toMatch(/rhel9-placeholder +Bound +pvc-\S+ +22Gi +RWX/);
      expect(await run('apply -f -', SNAPSHOT)).toMatchObject(said('rhel9-snap created'));
      expect(
        await run('wait vs/rhel9-snap --for=jsonpath={.status.readyToUse}=true'),
      ).toMatchObject(said('condition met'));
      expect(columns(await run('get vs -n default'))).toEqual([
        'NAME READYTOUSE SOURCEPVC SOURCESNAPSHOTCONTENT RESTORESIZE SNAPSHOTCLASS ' +
          'SNAPSHOTCONTENT CREATIONTIME AGE',
      ]);
      for (const index of ['1', '2', '3']) {
        const vm = TEMPLATE.replaceAll('placeholder', index);
        expect(await run('create -f -', vm)).toMatchObject(said(`rhel9-${index} created`));
      }
      expect(
        await run('wait dv --all --for=jsonpath={.status.phase}=Succeeded --timeout=50s'),
      ).toMatchObject({ code: 0 });
      for (const index of ['1', '2', '3']) {
        const started = await run(`replace --raw ${START}/rhel9-${index}/start -f -`, '{}');
        expect(started).toMatchObject({ code: 0 });
      }
      expect(await run('wait vm --all --for=condition=Ready --timeout=50s')).toMatchObject({
        code: 0,
      });
      expect(columns(await run('get vm'))).toEqual(['NAME AGE STATUS READY']);
      expect(columns(await run('get vmi'))).toEqual(['NAME AGE PHASE IP NODENAME READY']);
      expect((await run('get vmi')).out.match(/Running/g)).toHaveLength(3);
      const again = await run(`replace --raw ${START}/rhel9-1/start -f -`, '{}');
      expect(again.err).toContain('VM is already running');
    } finally {
      expect(await cluster.stop()).toBe(130);
    }
  });
});

function said(text: string) {
  return { code: 0, err: expect.not.stringContaining('rror'), out: expect.stringContaining(text) };
}

function columns({ out }: KubectlResult): readonly string[] {
  return [(out.split('\n')[0] ?? '').trim().replace(/ +/g, ' ')];
}
