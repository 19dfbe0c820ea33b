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

const PODS = '/api/v1/namespaces/default/pods';

function pod(name: string, requests: object, phase?: string) {
  const containers = ['a', 'b'].map((each) => ({ name: each, resources: { requests } }));
  const status = phase ? { status: { phase } } : {};
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers }, ...status };
}

test('what pods request is summed over their containers, and the sum is refused in bytes', () => {
  const { ok, refused } = createLab();
  ok('POST', QUOTAS, quota('q', { 'requests.memory': '4Gi', 'requests.cpu': '1' }));
  ok('POST', PODS, pod('small', { memory: '1Gi', cpu: '100m' }));
  expect(refused('POST', PODS, pod('big', { memory: '2300249952', cpu: '100m' }))).toMatchObject({
    code: 403,
    message:
      'pods "big" is forbidden: exceeded quota: q, requested: requests.memory=4600499904, ' +
      'used: requests.memory=2Gi, limited: requests.memory=4Gi',
  });
  const wide = refused('POST', PODS, pod('wide', { memory: '1Gi', cpu: '500m' }));
  expect(wide.message).toContain('requested: requests.cpu=1, used: requests.cpu=200m');
  expect(refused('POST', PODS, pod('silent', { memory: '1Gi' })).message).toContain(
    'failed quota: q: must specify requests.cpu for: a,b',
  );
});

test('what is used stands in the status of a quota', () => {
  const { ok } = createLab();
  ok('POST', QUOTAS, quota('q', { 'requests.memory': '4Gi', pods: '5' }));
  ok('POST', PODS, pod('a', { memory: '512Mi' }));
  expect(ok('GET', `${QUOTAS}/q`)).toMatchObject({
    status: { hard: { pods: '5' }, used: { 'requests.memory': '1Gi', pods: '1' } },
  });
});
