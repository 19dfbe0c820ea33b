/** What claims must say, and what of them may change. */

import { expect, test } from 'vitest';
import { createLab, type Lab, MERGE } from '../lab.ts';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const GOOD = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

function claim(spec: object) {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec };
}

function patched(spec: object, bound = false) {
  const lab = withClaim(bound);
  return lab.send('PATCH', `${CLAIMS}/c`, { spec }, MERGE);
}

function withClaim(bound: boolean): Lab {
  const lab = createLab();
  lab.ok('POST', CLAIMS, claim(GOOD));
  const status = { phase: 'Bound', capacity: { storage: '1Gi' } };
  if (bound) lab.ok('PATCH', `${CLAIMS}/c/status`, { status }, MERGE);
  return lab;
}

test.each([
  [
    {},
    '[spec.accessModes: Required value: at least 1 access mode is required, ' +
      'spec.resources[storage]: Required value]',
  ],
  [
    { accessModes: ['Foo'], resources: { requests: { storage: '-1Gi' } } },
    '[spec.accessModes: Unsupported value: "Foo": supported values: "ReadOnlyMany", ' +
      '"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod", ' +
      'spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero]',
  ],
  [
    { ...GOOD, accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [
    { ...GOOD, resources: { requests: { storage: '0' } } },
    'spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ],
])('a new claim of %j is refused', (spec, words) => {
  expect(createLab().refused('POST', CLAIMS, claim(spec))).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: `PersistentVolumeClaim "c" is invalid: ${words}`,
  });
});

const BIGGER = { resources: { requests: { storage: '2Gi' } } };
const SMALLER = { resources: { requests: { storage: '512Mi' } } };

test.each([
  ['its modes', { accessModes: ['ReadWriteMany'] }, true],
  ['its mode of use', { volumeMode: 'Block' }, true],
  ['its limits', { resources: { limits: { storage: '3Gi' } } }, true],
  ['its source', { dataSource: { kind: 'PersistentVolumeClaim', name: 'z' } }, true],
  ['its size before it is bound', BIGGER, false],
])('a claim does not change %s', (_, spec, bound) => {
  const { status, body } = patched(spec, bound);
  expect(status).toBe(422);
  expect(body).toMatchObject({ message: expect.stringContaining('spec is immutable') });
});

test('a bound claim grows, and does not shrink', () => {
  expect(patched(BIGGER, true).status).toBe(200);
  expect(patched({ resources: { requests: { storage: '1024Mi' } } }).status).toBe(200);
  expect(patched(SMALLER, true).body).toMatchObject({
    message: expect.stringContaining(
      'spec.resources.requests.storage: Forbidden: field can not be less than previous value',
    ),
  });
});

test('a volume and a class are given once', () => {
  const lab = withClaim(false);
  for (const [key, status] of [
    ['first', 200],
    ['second', 422],
  ] as const) {
    for (const field of ['volumeName', 'storageClassName']) {
      const change = { spec: { [field]: key } };
      expect(lab.send('PATCH', `${CLAIMS}/c`, change, MERGE).status).toBe(status);
    }
  }
});
