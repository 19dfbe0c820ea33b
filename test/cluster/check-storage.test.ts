import { describe, expect, test } from 'vitest';
import { checkStorageClass } from '../../src/cluster/check-storage.ts';
import type { Demand } from '../../src/cluster/check.ts';
import { list, named, object, type Script, scripted } from './script.ts';

const CLASS = 'GET /apis/storage.k8s.io/v1/storageclasses/rbd';
const SNAPSHOTS = 'GET /apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses/rbd-snap';
const PROFILE = 'GET /apis/cdi.kubevirt.io/v1beta1/storageprofiles/rbd';
const DRIVER = 'rbd.csi.ceph.com';

function profile(cloneStrategy: string | undefined, accessModes = ['ReadWriteMany']) {
  const claimPropertySets = [{ accessModes, volumeMode: 'Block' }];
  return object({ ...named('rbd'), status: { cloneStrategy, claimPropertySets } });
}

const FINE: Script = {
  [CLASS]: object({ ...named('rbd'), provisioner: DRIVER, volumeBindingMode: 'Immediate' }),
  [SNAPSHOTS]: object({ ...named('rbd-snap'), driver: DRIVER }),
  [PROFILE]: profile('csi-clone'),
};

async function checked(change: Script = {}, demand: Partial<Demand> = {}) {
  const { lab, play } = scripted({ ...FINE, ...change });
  const findings = await play(() => checkStorageClass(lab(demand)));
  return findings.map(({ check, verdict, remedy }) => ({ check, verdict, remedy }));
}

function bad(findings: Awaited<ReturnType<typeof checked>>) {
  return findings.filter(({ verdict }) => verdict !== 'pass');
}

describe('the storage', () => {
  test('fits', async () => {
    expect(bad(await checked())).toEqual([]);
  });

  test('class is misspelt: the right names are told', async () => {
    const storageClass = 'rdb';
    const all = { 'GET /apis/storage.k8s.io/v1/storageclasses': list(named('rbd'), named('nfs')) };
    expect(await checked(all, { storageClass })).toEqual([
      {
        check: 'storage class',
        verdict: 'fail',
        remedy: 'set storage.class to one of: rbd, nfs',
      },
    ]);
  });

  test.each([
    ['snapshot class', 'fail', { [SNAPSHOTS]: object({ ...named('s'), driver: 'other' }) }],
    ['clone strategy', 'warn', { [PROFILE]: profile('copy') }],
    ['clone strategy', 'warn', { [PROFILE]: profile(undefined) }],
    ['access modes', 'warn', { [PROFILE]: profile('snapshot', ['ReadWriteOnce']) }],
  ] as const)('%s does not: %s', async (check, verdict, change) => {
    expect(bad(await checked(change))).toMatchObject([{ check, verdict }]);
  });

  test('fails a step that waits for what nobody uses, where a class waits for a consumer', async () => {
    const change = {
      [CLASS]: object({
        ...named('rbd'),
        provisioner: DRIVER,
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
    };
    const waitsUnused = [{ step: 'clones', remedy: 'set bindImmediately: true' }];
    const failed = bad(await checked(change, { waitsUnused }));
    const [{ remedy } = { remedy: '' }] = waitsUnused;
    expect(failed).toEqual([{ check: 'binding mode', verdict: 'fail', remedy }]);
    expect(bad(await checked(change))).toEqual([]);
  });

  test('class of snapshots is missing where snapshots are taken', async () => {
    const without = Object.fromEntries(Object.entries(FINE).filter(([key]) => key !== SNAPSHOTS));
    const { lab, play } = scripted(without);
    const failed = await play(() => checkStorageClass(lab()));
    expect(failed.find(({ verdict }) => verdict === 'fail')?.check).toBe('snapshot class');
    const unneeded = await play(() => checkStorageClass(lab({ snapshotClass: undefined })));
    expect(unneeded.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  });

  test('copies clones of PVCs by pods, which is fine where none is timed', async () => {
    expect(bad(await checked({ [PROFILE]: profile('copy') }, { clonesClaims: false }))).toEqual([]);
  });
});
