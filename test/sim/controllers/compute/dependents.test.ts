import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { CLAIMS, PODS } from '../../../../src/api/resources.ts';
import { createDependents } from '../../../../src/sim/controllers/compute/dependents.ts';

const owned = (name: string, ...owners: string[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'Pod', name: uid, uid })),
  },
});

test('objects are filed under each of their owners until they are gone', () => {
  const dependents = createDependents();
  const names = (uid: string) => dependents.of(uid).map(({ name }) => name);
  dependents.replace(PODS, owned('a', 'x'), undefined);
  dependents.replace(CLAIMS, owned('b', 'x', 'y'), undefined);
  dependents.replace(PODS, owned('c', 'x'), undefined);
  expect(names('x')).toEqual(['a', 'b', 'c']);
  expect(names('y')).toEqual(['b']);
  dependents.replace(CLAIMS, owned('b', 'y'), owned('b', 'x', 'y'));
  expect(names('x')).toEqual(['a', 'c']);
  dependents.replace(PODS, undefined, owned('a', 'x'));
  dependents.replace(PODS, undefined, owned('c', 'x'));
  expect(names('x')).toEqual([]);
  expect(names('nobody')).toEqual([]);
});
