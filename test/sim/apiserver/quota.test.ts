/** Quotas that count objects: one too many is refused, in the words of a real server. */

import { expect, test } from 'vitest';
import { createLab, MAPS, VOLUMES } from './lab.ts';

const QUOTAS = '/api/v1/namespaces/default/resourcequotas';

function quota(name: string, hard: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard } };
}

function map(name: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

test.each(['configmaps', 'count/configmaps'])('%s: the third of two is refused', (counted) => {
  const { ok, refused } = createLab();
  ok('POST', QUOTAS, quota('small', { [counted]: '2', pods: '0' }));
  ok('POST', MAPS, map('a'));
  ok('POST', MAPS, map('b'));
  expect(refused('POST', MAPS, map('c'))).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message:
      `configmaps "c" is forbidden: exceeded quota: small, requested: ${counted}=1, ` +
      `used: ${counted}=2, limited: ${counted}=2`,
  });
  ok('DELETE', `${MAPS}/a`);
  ok('POST', MAPS, map('c'));
});

test('kinds of other groups are counted under their group, other namespaces not at all', () => {
  const { ok, refused } = createLab();
  ok('POST', QUOTAS, quota('none', { 'count/datavolumes.cdi.kubevirt.io': '0' }));
  const volume = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name: 'a' },
    spec: { source: { blank: {} }, pvc: { accessModes: ['ReadWriteOnce'] } },
  };
  expect(refused('POST', VOLUMES, volume).message).toContain('exceeded quota: none');
  ok('POST', MAPS, map('a'));
  ok('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'x' },
  });
  ok('POST', VOLUMES.replace('/default/', '/x/'), volume);
});
