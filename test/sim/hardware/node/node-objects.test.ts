import { expect, test } from 'vitest';
import { parseBytes } from '../../../../src/core/bytes.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import { nodeName } from '../../../../src/parameters/derived.ts';
import { nodeObjects } from '../../../../src/sim/hardware/node/node-objects.ts';

test('nodes have the capacity of the parameters, less what the system keeps', () => {
  const nodes = nodeObjects(resolveParameters(), 1_717_200_000e6);
  expect(nodes).toHaveLength(108);
  const [first] = nodes;
  expect(first?.metadata.name).toBe('worker-000');
  expect(first?.status?.capacity).toMatchObject({ cpu: '112', memory: '512Gi', pods: '400' });
  expect(parseBytes(first?.status?.allocatable?.['memory'] ?? '')).toBe(498 * 2 ** 30);
  expect(first?.status?.conditions?.at(-1)).toMatchObject({
    type: 'Ready',
    status: 'True',
    lastTransitionTime: '2024-06-01T00:00:00Z',
  });
});

test('names have as many digits as the last one', () => {
  expect(nodeName(7, 108)).toBe('worker-007');
  expect(nodeName(7, 1100)).toBe('worker-0007');
});
