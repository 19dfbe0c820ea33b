/** Writes of VMs and instances wait for two webhooks of virt-api, others do not. */

import { expect, test } from 'vitest';
import { PODS, VIRTUAL_MACHINES, VMIS } from '../../../../src/api/resources.ts';
import { MILLISECOND } from '../../../../src/core/duration.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { virtApiGates } from '../../../../src/sim/controllers/compute/webhooks.ts';
import { createKernel } from '../../../../src/sim/kernel/kernel.ts';

const write = { namespace: 'a', object: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } } };

test('both calls pass before the last question is asked', async () => {
  const kernel = createKernel();
  const parameters = resolveParameters({ virtApi: { webhookTime: 5 * MILLISECOND } });
  const refusal = { status: 422, body: {} };
  const asked: number[] = [];
  const gates = new Map(
    virtApiGates(kernel, parameters, () => {
      asked.push(kernel.nowUs());
      return Promise.resolve(refusal as never);
    }),
  );
  expect(gates.has(PODS as never)).toBe(false);
  await kernel.run(async () => {
    const startUs = kernel.nowUs();
    const around = {} as never;
    expect(await gates.get(VIRTUAL_MACHINES as never)?.({ ...write, around })).toBe(refusal);
    expect(asked).toEqual([startUs + 10 * MILLISECOND]);
    expect(await gates.get(VMIS as never)?.({ ...write, around })).toBe(undefined);
    expect(kernel.nowUs() - startUs).toBe(20 * MILLISECOND);
  });
});

test('where calls take no time of their own, only what asks is waited for', () => {
  const gate = () => undefined;
  expect(virtApiGates(createKernel(), resolveParameters(), gate)).toEqual([
    [VIRTUAL_MACHINES, gate],
  ]);
  expect(virtApiGates(createKernel(), resolveParameters(), undefined)).toEqual([]);
});
