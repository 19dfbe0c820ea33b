/** What was done to others' objects is undone where a run ends early, and not where it does not. */

import { describe, expect, test } from 'vitest';
import { NODES } from '../../src/api/resources.ts';
import { SECOND } from '../../src/core/duration.ts';
import type { Lab } from '../../src/drive/lab.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { toyCluster } from '../support/toy-cluster.ts';
import { pick } from './play.ts';
import { type Kill, playKilled } from './play-killed.ts';

const TEXT = `
name: any
namespace: bench-run
storage: { class: fast }
steps:
  - act:
      name: one
      on: { kind: Node, names: [n1, n2] }
      label: { down: "yes" }
      undo: { label: { down: null } }
      wave: { ramp: 0s }
  - act:
      name: two
      on: { kind: Node, name: gone }
      label: { down: "yes" }
      undo: { label: { down: null } }
      errorBudget: 1
      waveErrorBudget: 1
  - pause: 10s
  - act: { name: up, on: { kind: Node, name: n1 }, label: { down: null, up: "yes" } }
`;

function plan() {
  const parsed = parseScenario(TEXT, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.scenario, { runId: 'r1' });
}

async function run(kills: readonly Kill[], stopUs: number | undefined) {
  const toy = toyCluster();
  for (const name of ['n1', 'n2']) {
    toy.send('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
  }
  const stop = new AbortController();
  const told: string[] = [];
  const given: Partial<Lab> = { signal: stop.signal, onWarning: (text) => told.push(text) };
  if (stopUs !== undefined) toy.kernel.schedule(stopUs, () => stop.abort());
  const { ending, entries } = await playKilled(toy, plan(), kills, SECOND, given);
  const nodes = ['n1', 'n2'].map((name) => {
    const { metadata } = toy.server.peek(NODES, undefined, name) ?? {};
    return metadata?.labels ?? {};
  });
  return { ending, entries, nodes, told };
}

describe('undo', () => {
  test.each<[string, readonly Kill[]]>([
    ['interrupted', []],
    ['killed, taken up again and then interrupted', [3 * SECOND]],
  ])('%s: nodes are as they were, and what cannot be helped is named', async (_, kills) => {
    const { ending, entries, nodes, told } = await run(kills, 6 * SECOND);
    expect(ending.outcome).toBe('partial');
    expect(nodes).toEqual([{}, {}]);
    expect(told).toEqual([
      expect.stringMatching(/^Node gone is left as it is, undo it by hand: .*not found/),
      'undone: Node n2',
      'undone: Node n1',
    ]);
    const notes = pick(entries, 'note').filter(({ what }) => what === 'undo');
    expect(notes.map(({ message }) => message)).toEqual(told);
  });

  test('a run that comes to its end has steps for that', async () => {
    const { ending, nodes, told } = await run([], undefined);
    expect(ending.outcome).toBe('complete');
    expect(nodes).toEqual([{ up: 'yes' }, { down: 'yes' }]);
    expect(told).toEqual([]);
  });
});
