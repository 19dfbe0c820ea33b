/** Steps on objects of any kind whose harness is killed: nothing twice, nothing lost, no time false. */

import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { pick } from './play.ts';
import { type Kill, playKilled } from './play-killed.ts';

const HOME = '/apis/kubevirt.io/v1/namespaces/bench-run/virtualmachineinstancemigrations';

const TEXT = `
name: any
namespace: bench-run
storage: { class: fast }
steps:
  - apply:
      name: migrate
      template:
        apiVersion: kubevirt.io/v1
        kind: VirtualMachineInstanceMigration
        metadata: { name: "move-{{index}}" }
        spec: { vmiName: "vm-{{index}}" }
      count: 6
      until: [exists, { jsonpath: "{.status.phase}=Running" }, { jsonpath: "{.status.phase}=Succeeded" }]
      wave: { size: 3, ramp: 1s, pause: 1s, timeout: 10m }
  - act:
      on: { kind: VirtualMachineInstanceMigration, labels: bench.kubevirt.io/run }
      label: { seen: "yes" }
      until: { jsonpath: "{.metadata.labels.seen}=yes" }
      wave: { ramp: 1s, timeout: 10m }
`;

function plan() {
  const parsed = parseScenario(TEXT, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.scenario, { runId: 'r1' });
}

/** Phases at 2 s and 5 s, and when each was committed, by name. */
function migrating() {
  const toy: ToyCluster = toyCluster();
  const metadata = { name: 'bench-run' };
  toy.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  const creations = new Map<string, number>();
  const truth = new Map<string, number>();
  toy.server.onCommit(({ event: { type, object } }) => {
    if (object.kind !== 'VirtualMachineInstanceMigration') return;
    const { name } = object.metadata;
    const { phase = 'born' } = (object.status ?? {}) as { readonly phase?: string };
    const key = `${name} ${phase}`;
    if (!truth.has(key)) truth.set(key, toy.kernel.nowUs());
    if (type !== 'ADDED') return;
    creations.set(name, (creations.get(name) ?? 0) + 1);
    for (const [seconds, next] of [[2, 'Running'] as const, [5, 'Succeeded'] as const]) {
      toy.kernel.schedule(seconds * SECOND, () => {
        toy.send('PATCH', `${HOME}/${name}/status`, { status: { phase: next } });
      });
    }
  });
  return { toy, creations, truth };
}

const MOMENTS: readonly (readonly [string, readonly Kill[]])[] = [
  [
    'before its first answer',
    [({ method, path }) => method === 'POST' && path.endsWith('migrations')],
  ],
  ['between two answers', [1.5 * SECOND]],
  ['between two stages', [4 * SECOND, 9 * SECOND]],
  ['in the second wave', [8.5 * SECOND]],
  ['while it acts', [(request) => request.method === 'PATCH']],
];

describe('a run that is killed', () => {
  test.each(MOMENTS)('%s', async (_, kills) => {
    const { toy, creations, truth } = migrating();
    const { ending, entries } = await playKilled(toy, plan(), kills, 3 * SECOND);
    expect(ending.outcome).toBe('complete');
    expect([...creations.values()]).toEqual([1, 1, 1, 1, 1, 1]);
    const stages = pick(entries, 'stage');
    expect(new Set(stages.map(({ p, g }) => `${p}/${g}`)).size).toBe(stages.length);
    expect(stages.filter(({ p }) => p < 6)).toHaveLength(18);
    expect(pick(entries, 'picked')).toHaveLength(1);
    const [anchor] = pick(entries, 'anchor');
    expect(pick(entries, 'anchor')).toHaveLength(kills.length + 1);
    const aheadUs = toy.kernel.wallUs() - toy.kernel.nowUs();
    const startUs = (anchor?.wall ?? 0) - (anchor?.t ?? 0) - aheadUs;
    const names = new Map(pick(entries, 'send').map(({ p, n }) => [p, n]));
    const phases = ['born', 'Running', 'Succeeded'];
    for (const { p, g, t, l } of stages.filter((stage) => stage.p < 6)) {
      const trueUs = (truth.get(`${names.get(p)} ${phases[g]}`) ?? 0) - startUs;
      expect(trueUs).toBeLessThanOrEqual(t);
      // What was seen live is late by the delay of the watch at the most.
      expect(trueUs).toBeGreaterThanOrEqual((l ?? t) - SECOND / 10);
    }
  });
});
