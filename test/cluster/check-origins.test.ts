/** What CDI would wait for without a word is said before anything is created. */

import { describe, expect, test } from 'vitest';
import { checkNames, checkOrigins } from '../../src/cluster/check-origins.ts';
import type { CloneOrigin, Demand } from '../../src/cluster/check.ts';
import { GIB } from '../../src/core/bytes.ts';
import { list, named, type Script, scripted } from './script.ts';

const PLACE = '/apis/snapshot.storage.k8s.io/v1/namespaces/golden/volumesnapshots';
const CLAIMS = 'GET /api/v1/namespaces/golden/persistentvolumeclaims';
const PODS = 'GET /api/v1/namespaces/golden/pods';
const SOURCES = 'GET /apis/cdi.kubevirt.io/v1beta1/namespaces/golden/datasources';

const ORIGIN: CloneOrigin = {
  kind: 'PersistentVolumeClaim',
  namespace: 'golden',
  name: 'rhel9',
  targetBytes: 22 * GIB,
};

function claim(size: string, phase = 'Bound', more = {}) {
  const spec = { resources: { requests: { storage: size } } };
  return { ...named('rhel9', more), spec, status: { phase } };
}

function podOf(phase: string) {
  const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'rhel9' } }];
  return { ...named('virt-launcher-x'), spec: { volumes }, status: { phase } };
}

function snapshot(status: object) {
  return { ...named('rhel9'), status };
}

async function looked(script: Script, origin: Partial<CloneOrigin> = {}) {
  const { lab, play } = scripted({ [PODS]: list(), ...script });
  const findings = await play(() => checkOrigins(lab({ origins: [{ ...ORIGIN, ...origin }] })));
  return findings.map(({ verdict, found, remedy }) => [verdict, found, remedy].join(' | '));
}

describe('a source of clones', () => {
  test('is fine', async () => {
    expect(
      await looked({ [CLAIMS]: list(claim('22Gi')), [PODS]: list(podOf('Succeeded')) }),
    ).toEqual(['pass | PersistentVolumeClaim golden/rhel9 of 22Gi | ']);
    const ready = list(snapshot({ readyToUse: true, restoreSize: '22Gi' }));
    const [found] = await looked({ [`GET ${PLACE}`]: ready }, { kind: 'VolumeSnapshot' });
    expect(found).toMatch(/^pass/);
  });

  test.each<[string, Script, Partial<CloneOrigin>, RegExp]>([
    ['absent', { [CLAIMS]: list(named('rhel8')) }, {}, /does not exist.*there are: rhel8/],
    [
      'going',
      { [CLAIMS]: list(claim('22Gi', 'Bound', { deletionTimestamp: 'x' })) },
      {},
      /being del/,
    ],
    ['unbound', { [CLAIMS]: list(claim('22Gi', 'Pending')) }, {}, /Pending and not Bound/],
    ['too large', { [CLAIMS]: list(claim('30Gi')) }, {}, /has 30Gi, and a disk of 22Gi/],
    [
      'in use',
      { [CLAIMS]: list(claim('22Gi')), [PODS]: list(podOf('Running')) },
      {},
      /in use by Pod golden\/virt-launcher-x/,
    ],
    [
      'not ready',
      { [`GET ${PLACE}`]: list(snapshot({ error: { message: 'no room' } })) },
      { kind: 'VolumeSnapshot' },
      /not ready to use: no room/,
    ],
    [
      'for nothing',
      { [SOURCES]: list({ ...named('rhel9'), spec: { source: {} } }) },
      { kind: 'DataSource' },
      /stands for nothing yet/,
    ],
    [
      'for what is absent',
      {
        [SOURCES]: list({ ...named('rhel9'), spec: { source: { pvc: { name: 'gone' } } } }),
        [CLAIMS]: list(),
      },
      { kind: 'DataSource' },
      /PersistentVolumeClaim golden\/gone does not exist.*none is there/,
    ],
  ])('that is %s fails', async (_, script, origin, text) => {
    const findings = await looked(script, origin);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(/^fail/);
    expect(findings[0]).toMatch(text);
  });
});

test('names that are taken fail, of claims too', async () => {
  const made = ['a', 'b'].map((name) => ({
    kind: 'PersistentVolumeClaim',
    namespace: 'lent',
    name,
  }));
  const demand: Partial<Demand> = { namespaces: ['lent'], made };
  const there = {
    'GET /api/v1/namespaces/lent/persistentvolumeclaims': list(named('b'), named('c')),
  };
  const { lab, play } = scripted(there);
  const taken = await play(() => checkNames(lab(demand)));
  expect(taken).toMatchObject([
    { verdict: 'fail', found: 'taken already in lent: PersistentVolumeClaim b' },
  ]);
  const free = await play(() => checkNames(lab({ ...demand, namespaces: ['bench-r1'] })));
  expect(free).toMatchObject([{ verdict: 'pass' }]);
});
