/** What was done to others' objects is undone where a run ends early, and not where it does not. */

import { describe, expect, test } from 'vitest';
import { NODES } from '../../src/api/resources.ts';
import { type Transport, TransportError } from '../../src/api/transport.ts';
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

function plan(text: string) {
  const parsed = parseScenario(text, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.scenario, { runId: 'r1' });
}

interface Given extends Partial<Lab> {
  readonly text?: string;
  /** The server answers nobody from then on. */
  readonly lostUs?: number;
}

async function run(
  kills: readonly Kill[],
  stopUs: number | undefined,
  { text = TEXT, lostUs = Number.POSITIVE_INFINITY, ...more }: Given = {},
) {
  const toy = toyCluster();
  for (const name of ['n1', 'n2']) {
    toy.send('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
  }
  const stop = new AbortController();
  const told: string[] = [];
  const given: Partial<Lab> = { ...more, signal: stop.signal, onWarning: (say) => told.push(say) };
  if (stopUs !== undefined) toy.kernel.schedule(stopUs, () => stop.abort());
  const transport: Transport = {
    ...toy.transport,
    request: (request) =>
      toy.kernel.nowUs() < lostUs
        ? toy.transport.request(request)
        : Promise.reject(new TransportError('nobody is there', false)),
  };
  const cluster = { ...toy, transport };
  const { ending, entries } = await playKilled(cluster, plan(text), kills, SECOND, given);
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

  test('what is undone of one object in two ways is undone in both, the last first', async () => {
    const text = TEXT.replace(
      '  - pause: 10s',
      `  - act:
      name: three
      on: { kind: Node, name: n1 }
      annotate: { seen: "yes" }
      undo: { label: { left: "yes" } }
  - pause: 10s`,
    );
    const { nodes, told } = await run([], 8 * SECOND, { text });
    expect(nodes).toEqual([{ left: 'yes' }, {}]);
    expect(told.filter((line) => line === 'undone: Node n1')).toHaveLength(2);
  });

  test('a program that fails has undone nothing', async () => {
    const text = TEXT.replace('undo: { label: { down: null } }', 'undo: { external: ipmi-on }');
    const external = async () => ({ exitCode: 3, said: 'no such host' });
    const { told } = await run([], 6 * SECOND, { text, external });
    const why = 'undo it by hand: ipmi-on ended with code 3: no such host';
    expect(told.slice(1)).toEqual([
      `Node n2 is left as it is, ${why}`,
      `Node n1 is left as it is, ${why}`,
    ]);
  });

  test('nothing is asked of a server that is lost', async () => {
    const lost = { lostUs: 4 * SECOND, serverLossTimeoutUs: 3 * SECOND };
    const { ending, told } = await run([], undefined, lost);
    expect(ending.lost).toBe(true);
    const why = 'is left as it is, undo it by hand: the server does not answer';
    expect(told).toEqual(['gone', 'n2', 'n1'].map((name) => `Node ${name} ${why}`));
  });
});
