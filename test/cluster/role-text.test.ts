/** `bench plan --rbac`: the roles that a run needs, one rule for what is asked alike. */

import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { roleText } from '../../src/cluster/role-text.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { computeDemand } from '../../src/run/demand.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const STEPS = `
steps:
  - apply:
      name: move
      template:
        apiVersion: kubevirt.io/v1
        kind: VirtualMachineInstanceMigration
        metadata: { name: "m-{{index}}" }
      until: { count: { kind: PersistentVolume, is: 3 } }
  - act: { on: { kind: VirtualMachine, name: a }, subresource: restart, until: { condition: Ready } }
  - act: { on: { kind: Pod, fields: spec.nodeName=n1, namespace: "*" }, evict: true, until: gone }
`;

function roles(head: string, steps = STEPS) {
  const parsed = parseScenario(`name: any\nstorage: { class: fast }\n${head}${steps}`, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { scenario } = parsed;
  return roleText({ ...computeDemand(scenario, makePlan(scenario, { runId: 'r' })), name: 'any' });
}

interface Role {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
  readonly rules: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

const verbsOn = ({ rules }: Role, resource: string) =>
  rules.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

test('one ClusterRole where the run makes its namespace', () => {
  const role = parse(roles('')) as Role;
  expect(role.kind).toBe('ClusterRole');
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'watch'];
  expect(verbsOn(role, 'virtualmachineinstancemigrations')).toEqual(verbs);
  expect(verbsOn(role, 'virtualmachines/restart')).toEqual(['update']);
  expect(verbsOn(role, 'pods/eviction')).toEqual(['create']);
  expect(verbsOn(role, 'persistentvolumes')).toContain('watch');
});

test('a Role in a namespace that is there, and a ClusterRole for the rest alone', () => {
  const [cluster, own] = parseAllDocuments(roles('namespace: lent\n')).map(
    (it) => it.toJS() as Role,
  );
  expect(own).toMatchObject({ kind: 'Role', metadata: { namespace: 'lent' } });
  expect(verbsOn(own as Role, 'virtualmachines/restart')).toEqual(['update']);
  expect(verbsOn(cluster as Role, 'virtualmachines/restart')).toEqual([]);
  expect(verbsOn(cluster as Role, 'pods/eviction')).toEqual(['create']);
});

test('a plural that is made up says so', () => {
  const own = STEPS.replace('kubevirt.io/v1', 'example.com/v1').replace(
    'VirtualMachineInstanceMigration',
    'Policy',
  );
  expect(roles('', own)).toMatch(/^# Plurals made up from the kind, .*: policies$/m);
  expect(roles('')).not.toContain('made up');
});
