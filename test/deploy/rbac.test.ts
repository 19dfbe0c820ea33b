/** The roles of deploy/ say what the table of grants says, neither less nor more. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Reach } from '../../src/cluster/grant.ts';
import { GRANTS } from '../../src/cluster/grants.ts';
import { grantedBy, rbacFile, textsOf } from '../support/rbac.ts';
import { ROOT } from '../support/sources.ts';

const WHOLE = rbacFile(join(ROOT, 'deploy/base/rbac.yaml'));
const ONE_NAMESPACE = rbacFile(join(ROOT, 'deploy/one-namespace/role.yaml'));

const WITHIN: ReadonlySet<Reach> = new Set<Reach>(['namespaces', 'watched', 'home', 'origins']);

describe('deploy', () => {
  test('the ClusterRole is the whole table', () => {
    expect(grantedBy(WHOLE)).toEqual(textsOf(GRANTS));
  });

  test('the Role is what of it lies within a namespace', () => {
    const within = GRANTS.filter(({ reach }) => WITHIN.has(reach));
    expect(grantedBy(ONE_NAMESPACE)).toEqual(textsOf(within));
    expect(ONE_NAMESPACE.map(({ metadata }) => metadata.namespace)).toEqual([
      'bench-vms',
      'bench-vms',
    ]);
  });

  test('every grant has its reason, and nothing that is needed is called a loss', () => {
    for (const { reason, lost } of GRANTS) {
      expect(reason).not.toBe('');
      expect(lost).not.toBe('');
    }
  });
});
