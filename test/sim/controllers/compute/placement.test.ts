import { describe, expect, test } from 'vitest';
import { type PodDemand, podDemand } from '../../../../src/capacity/pod-demand.ts';
import { GIB } from '../../../../src/core/bytes.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { resolveParameters } from '../../../../src/parameters/parameters.ts';
import {
  createPlacement,
  unschedulableMessage,
} from '../../../../src/sim/controllers/compute/placement.ts';
import { nodeObjects } from '../../../../src/sim/hardware/node/node-objects.ts';

const plain = { others: [], nodeSelector: undefined };
const small: PodDemand = { cpuMillis: 200, memoryBytes: 4 * GIB, ...plain };
const huge: PodDemand = { cpuMillis: 800, memoryBytes: 128 * GIB, ...plain };

function placementOf(count: number, seed = 1) {
  const placement = createPlacement(createRng(seed));
  const nodes = nodeObjects(resolveParameters({ nodes: { count } }), 0);
  for (const node of nodes) placement.putNode(node);
  const fill = (pods: number, request: PodDemand, prefix = 'pod') =>
    Array.from({ length: pods }, (_, i) => {
      const decision = placement.choose(request);
      if (!decision.fits) return 'nowhere';
      placement.reserve(`${prefix}-${i}`, decision.node, request);
      return decision.node;
    });
  return { placement, nodes, fill };
}

describe('placement', () => {
  test('gives each VM of a wave its own node, in an order of its own', () => {
    const chosen = placementOf(108).fill(108, small);
    expect(new Set(chosen).size).toBe(108);
    expect(chosen).not.toEqual(placementOf(108, 2).fill(108, small));
    expect(chosen).toEqual(placementOf(108).fill(108, small));
  });

  test('goes on evenly over many waves of mixed sizes', () => {
    const { fill } = placementOf(10);
    const counts = new Map<string, number>();
    for (const node of fill(95, small)) counts.set(node, (counts.get(node) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === 9 || count === 10)).toBe(true);
    const wide = { ...small, cpuMillis: 800 };
    expect(new Set(fill(5, wide, 'windows')).size).toBe(5);
  });

  test('fits three guests of 128 GiB on a node, and tells why no fourth', () => {
    const { placement, fill } = placementOf(2);
    expect(fill(7, huge)).toHaveLength(7);
    const refused = placement.choose(huge);
    if (refused.fits) throw new Error('it fits');
    expect(unschedulableMessage(refused)).toBe('0/2 nodes are available: 2 Insufficient memory.');
    expect(placement.choose(small).fits).toBe(true);
  });

  test('counts pods, honours selectors and closed nodes', () => {
    const { placement, nodes } = placementOf(1);
    const [node] = nodes;
    if (!node) throw new Error('no node');
    const elsewhere = placement.choose({ ...small, nodeSelector: { zone: 'b' } });
    expect(elsewhere.fits).toBe(false);
    placement.putNode({ ...node, spec: { unschedulable: true } });
    expect(placement.choose(small).fits).toBe(false);
    const allocatable = { ...node.status?.allocatable, pods: '0' };
    placement.putNode({ ...node, status: { ...node.status, allocatable } });
    const full = placement.choose(small);
    expect(full.fits ? '' : unschedulableMessage(full)).toContain('1 Too many pods');
  });

  test('gets back what is released', () => {
    const { placement, fill } = placementOf(1);
    expect(fill(4, huge).at(-1)).toBe('nowhere');
    expect(placement.release('pod-0')).toBe(true);
    expect(placement.release('pod-0')).toBe(false);
    expect(placement.choose(huge).fits).toBe(true);
  });
});

test('a pod asks for what its containers ask for together', () => {
  const container = (cpu: string, memory: string) => ({
    name: 'c',
    resources: { requests: { cpu, memory } },
  });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [container('200m', '1Gi'), container('1', '512Mi')] },
  };
  expect(podDemand(pod)).toMatchObject({ cpuMillis: 1200, memoryBytes: 1.5 * GIB });
});
