/** Packing against a search of all placements, and against the scheduler of the simulated cluster. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node } from '../../src/api/compute.ts';
import { countPerRoom, makeRooms, pack } from '../../src/capacity/packing.ts';
import type { PodDemand } from '../../src/capacity/pod-demand.ts';
import { createRng } from '../../src/core/rng.ts';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { createPlacement } from '../../src/sim/controllers/compute/placement.ts';
import { nodeObjects } from '../../src/sim/hardware/node/node-objects.ts';

const KVM = 'devices.kubevirt.io/kvm';

function makeNode(name: string, cpu: number, memory: number, pods: number, kvm: number): Node {
  const allocatable = { cpu: `${cpu}m`, memory: String(memory), pods: String(pods) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: {},
    status: { allocatable: { ...allocatable, [KVM]: String(kvm) } },
  };
}

const makeDemand = (cpuMillis: number, memoryBytes: number): PodDemand => ({
  cpuMillis,
  memoryBytes,
  others: [[KVM, 1]],
  nodeSelector: undefined,
});

/** The most pods of one shape that any placement holds, by trying all. */
function search(nodes: readonly Node[], demand: PodDemand, left: number): number {
  if (left === 0) return 0;
  let best = 0;
  for (const [index, node] of nodes.entries()) {
    const has = node.status?.allocatable ?? {};
    const cpu = Number.parseInt(has['cpu'] ?? '0', 10) - demand.cpuMillis;
    const memory = Number(has['memory']) - demand.memoryBytes;
    const pods = Number(has['pods']) - 1;
    const kvm = Number(has[KVM]) - 1;
    if (cpu < 0 || memory < 0 || pods < 0 || kvm < 0) continue;
    const after = makeNode(node.metadata.name, cpu, memory, pods, kvm);
    best = Math.max(best, 1 + search(nodes.with(index, after), demand, left - 1));
    if (best === left) break;
  }
  return best;
}

const small = fc.integer({ min: 1, max: 5 });
const someNodes = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 9 }), small, small),
  { minLength: 1, maxLength: 3 },
);

describe('packing', () => {
  test('of one shape places as many as any placement could', () => {
    fc.assert(
      fc.property(someNodes, fc.integer({ min: 100, max: 400 }), small, (sizes, cpu, memory) => {
        const nodes = sizes.map(([c, m, pods, kvm], i) => makeNode(`n${i}`, c, m, pods, kvm));
        const demand = makeDemand(cpu, memory);
        const asked = [{ name: 'vm', count: 6, demand }];
        const most = search(nodes, demand, 6);
        expect(pack(makeRooms(nodes, [], ''), asked).fits).toBe(most);
        const holds = countPerRoom(makeRooms(nodes, [], ''), demand);
        expect(
          Math.min(
            6,
            holds.reduce((sum, each) => sum + each, 0),
          ),
        ).toBe(most);
      }),
    );
  });

  test('of many shapes places what the simulated scheduler places', () => {
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 100, max: 40_000 }),
      fc.integer({ min: 1, max: 200 }),
    );
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 4 }), fc.nat(), (shapes, seed) => {
        const nodes = nodeObjects(resolveParameters({ nodes: { count: 5 } }), 0);
        const asked = shapes.map(([count, cpu, gibibytes], index) => ({
          name: String(index),
          count,
          demand: makeDemand(cpu, gibibytes * 2 ** 30),
        }));
        const placement = createPlacement(createRng(seed));
        for (const node of nodes) placement.putNode(node);
        const placed = asked.map(({ name, count, demand }) => {
          let fitted = 0;
          for (let i = 0; i < count; i++) {
            const decision = placement.choose(demand);
            if (!decision.fits) continue;
            placement.reserve(`${name}-${i}`, decision.node, demand);
            fitted += 1;
          }
          return fitted;
        });
        expect(pack(makeRooms(nodes, [], ''), asked).placed).toEqual(placed);
      }),
      { numRuns: 50 },
    );
  });
});
