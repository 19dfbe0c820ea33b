import { describe, expect, test } from 'vitest';
import type { Act } from '../../src/cluster/grant.ts';
import {
  listNeeds,
  permissionsText,
  type Places,
  type Permission,
} from '../../src/cluster/permissions.ts';

const OWN: Places = {
  namespace: 'bench-r1',
  namespaces: ['bench-r1'],
  sourceNamespaces: [],
  originNamespaces: [],
  makesNamespace: true,
  acts: new Set<Act>(['volumes']),
};

function asked(places: Partial<Places>, use: 'run' | 'observe' | 'cleanup' = 'run') {
  return listNeeds(use, { ...OWN, ...places }).map(({ permission }) => permission);
}

function on(permissions: readonly Permission[], verb: string, resource: string) {
  return permissions.filter((it) => it.verb === verb && it.resource === resource);
}

describe('rights that a run needs', () => {
  test('depend on what its plan does', () => {
    const clones = asked({});
    expect(on(clones, 'create', 'datavolumes')).toHaveLength(1);
    expect(on(clones, 'create', 'virtualmachines')).toEqual([]);
    expect(on(clones, 'update', 'virtualmachines')).toEqual([]);
    const boots = asked({ acts: new Set<Act>(['vms', 'start']) });
    expect(on(boots, 'create', 'virtualmachines')).toHaveLength(1);
    expect(on(boots, 'update', 'virtualmachines').map((it) => it.subresource)).toEqual(['start']);
    const patches = asked({ acts: new Set<Act>(['vms', 'patch']) });
    expect(on(patches, 'patch', 'virtualmachines')).toHaveLength(1);
    expect(on(patches, 'update', 'virtualmachines')).toEqual([]);
  });

  test('reach its own namespace, which it makes', () => {
    const own = asked({});
    const home = { namespace: 'bench-r1', name: 'bench-r1' };
    expect(on(own, 'watch', 'pods')).toMatchObject([{ namespace: 'bench-r1' }]);
    expect(on(own, 'create', 'namespaces')).toEqual([
      { verb: 'create', group: '', resource: 'namespaces' },
    ]);
    expect(on(own, 'delete', 'namespaces')).toMatchObject([home]);
  });

  test('leave a namespace alone that is lent to it', () => {
    const lent = asked({ makesNamespace: false });
    expect(on(lent, 'create', 'namespaces')).toEqual([]);
    expect(on(lent, 'delete', 'namespaces')).toEqual([]);
    expect(on(lent, 'get', 'namespaces')).toContainEqual(
      expect.objectContaining({ namespace: 'bench-r1' }),
    );
  });

  test('reach everywhere where it works in several namespaces', () => {
    const two = asked({ namespaces: ['bench-r1', 'golden'], sourceNamespaces: ['golden'] });
    expect(on(two, 'watch', 'pods')).toEqual([{ verb: 'watch', group: '', resource: 'pods' }]);
    expect(on(two, 'create', 'datavolumes').map((it) => [it.namespace, it.subresource])).toEqual([
      ['bench-r1', undefined],
      ['golden', undefined],
      ['golden', 'source'],
    ]);
  });
});

test('who looks on changes nothing: its one creation is a dry run', () => {
  const verbs = asked({ acts: new Set<Act>(['volumes', 'vms', 'start']) }, 'observe');
  const changing = verbs.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
  expect(changing.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
    'create configmaps',
  ]);
});

test('who cleans up creates and watches nothing', () => {
  const verbs = asked({ acts: new Set<Act>(['volumes', 'vms', 'snapshots']) }, 'cleanup');
  expect(new Set(verbs.map(({ verb }) => verb))).toEqual(new Set(['delete', 'list', 'get']));
});

test('rights are told by what they are on', () => {
  const group = 'kubevirt.io';
  expect(
    permissionsText([
      { verb: 'create', group, resource: 'virtualmachines', namespace: 'a' },
      { verb: 'list', group: '', resource: 'nodes' },
      { verb: 'delete', group, resource: 'virtualmachines', namespace: 'a' },
      { verb: 'update', group, resource: 'virtualmachines', subresource: 'start' },
    ]),
  ).toBe(
    'create, delete virtualmachines.kubevirt.io in a; list nodes; ' +
      'update virtualmachines/start.kubevirt.io',
  );
});
