/** Odd values held against schemas: what is left out, what is refused, what passes. */

import { describe, expect, test } from 'vitest';
import { VMI, VM } from '../../../../src/sim/apiserver/schema/vm.ts';
import { POD } from '../../../../src/sim/apiserver/schema/pod.ts';
import { SNAPSHOT_CONTENT } from '../../../../src/sim/apiserver/schema/storage-custom.ts';
import { holdAgainst } from '../../../../src/sim/apiserver/schema/validate.ts';

const vm = (template: unknown) => ({ spec: { template } });
const SPEC = { domain: { devices: {} } };

describe('nulls', () => {
  test('of described members are left out, and count as missing', () => {
    const { pruned, causes } = holdAgainst(vm({ metadata: null, spec: SPEC }), VM);
    expect(pruned).toEqual(vm({ spec: SPEC }));
    expect(causes).toEqual([]);
    expect(holdAgainst({ spec: null }, SNAPSHOT_CONTENT).causes).toMatchObject([
      { reason: 'FieldValueRequired', field: 'spec' },
    ]);
  });

  test('of undescribed members stay', () => {
    const open = { spec: { ...SPEC, affinity: { nodeAffinity: null } } };
    expect(holdAgainst(open, VMI).pruned).toBe(open);
  });

  test('in lists are refused', () => {
    const disks = { spec: { domain: { devices: { disks: [null] } } } };
    expect(holdAgainst(disks, VMI).causes[0]?.message).toBe(
      'Invalid value: "null": spec.domain.devices.disks[0] in body must be of type object: "null"',
    );
    const volumes = { spec: { volumes: [null], containers: [] } };
    expect(holdAgainst(volumes, POD).causes).toHaveLength(1);
  });
});

test.each([
  ['labels that are no texts', { metadata: { labels: { a: 5 } }, spec: SPEC }],
  ['metadata that are no object', { metadata: 'x', spec: SPEC }],
  ['a probe that is a list', { spec: { ...SPEC, livenessProbe: [] } }],
  ['a toleration that is a number', { spec: { ...SPEC, tolerations: [3] } }],
])('%s: refused with a cause', (_, template) => {
  const { causes } = holdAgainst(vm(template), VM);
  expect(causes).toMatchObject([{ reason: 'FieldValueTypeInvalid' }]);
});

test('members named like what every object inherits are unknown ones', () => {
  const odd = JSON.parse('{"spec":{"domain":{"devices":{}},"constructor":1,"toString":{}}}');
  const { unknown, causes } = holdAgainst(odd, VMI);
  expect(unknown).toEqual(['spec.constructor', 'spec.toString']);
  expect(causes).toEqual([]);
});
