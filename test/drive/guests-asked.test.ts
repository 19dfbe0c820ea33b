/** Steps that wait until guests answer: what is found out, how well it is known, at what cost. */

import { describe, expect, test } from 'vitest';
import { findMark } from '../../src/catalogue/milestone-marks.ts';
import type { Probe } from '../../src/api/probe.ts';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { Entry } from '../../src/record/entry.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { type ToyCluster, toyAddress, toyCluster } from '../support/toy-cluster.ts';
import { changes, planRatio, vms, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';
import { type Kill, playKilled } from './play-killed.ts';

const COUNT = 6;

const bootsOf = (count: number) =>
  planRatio(
    waveStep([vms(0, count)], { kind: 'deploy', until: 'provisioned' }),
    waveStep([changes('start', count, count)], {
      kind: 'boot',
      until: 'reachable',
      probe: { is: 'tcp', port: 22 },
    }),
  );

/** The guest of `vm-i` answers so long after its instance is Running. */
const upUs = (i: number) => 4 * SECOND + i * 310_000;

interface Guests {
  readonly probe: Probe;
  /** Kernel time at which each guest began to answer, by its VM's name. */
  readonly truth: ReadonlyMap<string, number>;
  readonly asked: readonly number[];
}

/** Guests that answer within 2 ms, and are not there before. */
function guests({ server, kernel }: ToyCluster): Guests {
  const truth = new Map<string, number>();
  const asked: number[] = [];
  server.onCommit(({ event: { object } }) => {
    const { phase } = (object.status ?? {}) as { readonly phase?: string };
    const { name } = object.metadata;
    if (object.kind !== 'VirtualMachineInstance' || phase !== 'Running' || truth.has(name)) return;
    truth.set(name, kernel.nowUs() + upUs(Number(/\d+$/.exec(name)?.[0])));
  });
  const probe: Probe = async (target) => {
    asked.push(kernel.nowUs());
    await kernel.sleep(1000);
    const [, atUs = Infinity] =
      [...truth].find(([name]) => target.by === 'tcp' && toyAddress(name) === target.address) ?? [];
    const answered = kernel.nowUs() >= atUs;
    await kernel.sleep(1000);
    return answered ? { answered } : { answered, why: 'port 22: connection refused' };
  };
  return { probe, truth, asked };
}

/** What was found out, by the name of the VM; and when in kernel time the run began. */
function answers(toy: ToyCluster, entries: readonly Entry[]) {
  const names = new Map(pick(entries, 'obj').map(({ o, n }) => [o, n]));
  const [anchor] = pick(entries, 'anchor');
  const aheadUs = toy.kernel.wallUs() - toy.kernel.nowUs();
  const startUs = (anchor?.wall ?? 0) - (anchor?.t ?? 0) - aheadUs;
  const change = findMark('reachable')?.change;
  return pick(entries, 'tr').flatMap(({ o, t, l, c, probed }) =>
    c.some(([name]) => name === change)
      ? [{ name: names.get(o) ?? '', atUs: startUs + t, lowerUs: startUs + (l ?? t), probed }]
      : [],
  );
}

test('the truth lies in each interval, which is half a second wide', async () => {
  const toy = toyCluster();
  const { probe, truth } = guests(toy);
  const { ending, entries } = await play(toy, bootsOf(COUNT), { probe });
  expect(ending.outcome).toBe('complete');
  const found = answers(toy, entries);
  expect(found.map(({ name }) => name).toSorted()).toEqual([...truth.keys()].toSorted());
  for (const { name, atUs, lowerUs, probed } of found) {
    expect(probed).toBe(true);
    expect(truth.get(name)).toBeLessThanOrEqual(atUs);
    expect(truth.get(name)).toBeGreaterThanOrEqual(lowerUs);
    expect(atUs - lowerUs).toBeLessThan(0.6 * SECOND);
  }
});

const MOMENTS: readonly (readonly [string, readonly Kill[], number])[] = [
  ['before its guests are up', [30 * SECOND], 1.5],
  ['while some have answered', [35.3 * SECOND], 0.5],
  ['and is away while all come up', [33 * SECOND], 20],
  ['again and again', [31, 33, 35, 37].map((at) => at * SECOND), 0.5],
];

test.each(MOMENTS)('a run that is killed %s tells no wrong time', async (_, kills, outage) => {
  const toy = toyCluster();
  const { probe, truth } = guests(toy);
  const killed = await playKilled(toy, bootsOf(COUNT), kills, outage * SECOND, { probe });
  expect(killed.ending.outcome).toBe('complete');
  const found = answers(toy, killed.entries);
  expect(found.map(({ name }) => name).toSorted()).toEqual([...truth.keys()].toSorted());
  for (const { name, atUs, lowerUs } of found) {
    expect(truth.get(name)).toBeLessThanOrEqual(atUs);
    expect(truth.get(name)).toBeGreaterThanOrEqual(lowerUs);
  }
});

test('a guest that never answers is missed with what came instead', async () => {
  const toy = toyCluster();
  const probe: Probe = async () => {
    await toy.kernel.sleep(1000);
    return { answered: false, why: 'port 22: connection refused' };
  };
  const { ending, entries } = await play(toy, bootsOf(1), { probe });
  expect(ending.outcome).toBe('partial');
  const [miss] = pick(entries, 'miss');
  expect(miss).toMatchObject({ how: 'censored', reason: 'Timeout' });
  expect(miss?.message).toContain('10.0.0.0: port 22: connection refused');
});

describe('the cost', () => {
  test('who waits for long is asked less often', async () => {
    const toy = toyCluster();
    const asked: number[] = [];
    const probe: Probe = async () => {
      asked.push(toy.kernel.nowUs());
      await toy.kernel.sleep(1000);
      return { answered: false, why: 'nothing' };
    };
    await play(toy, bootsOf(1), { probe });
    const gaps = asked.slice(1).map((atUs, i) => atUs - (asked[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.5 * SECOND);
    // Of ten minutes two in a hundred.
    expect(gaps.at(-1)).toBeGreaterThan(10 * SECOND);
    expect(asked.length).toBeLessThan(200);
  });

  test('however many wait, there are 200 a second, and 100 at once', async () => {
    const toy = toyCluster();
    const { kernel } = toy;
    const asked: number[] = [];
    let [now, most] = [0, 0];
    const probe: Probe = async () => {
      asked.push(kernel.nowUs());
      most = Math.max(most, (now += 1));
      await kernel.sleep(750_000);
      now -= 1;
      return { answered: asked.length > 1000, why: 'no answer' };
    };
    await play(toy, bootsOf(150), { probe });
    expect(most).toBe(100);
    // A hundred may have been saved up.
    for (const [i, atUs] of asked.slice(300).entries()) {
      expect(atUs - (asked[i] ?? 0)).toBeGreaterThanOrEqual(SECOND);
    }
  });

  test('nobody is asked once the run is interrupted', async () => {
    const toy = toyCluster();
    const { probe, asked } = guests(toy);
    const { signal, abort } = abortable();
    toy.kernel.schedule(32 * SECOND, abort);
    const { ending } = await play(toy, bootsOf(COUNT), { probe, signal });
    const [before] = [asked.length];
    expect(before).toBeGreaterThan(0);
    expect(ending).toMatchObject({ outcome: 'partial', reason: 'interrupted' });
    await toy.kernel.run(() => toy.kernel.sleep(60 * SECOND));
    expect(asked).toHaveLength(before);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe('a stage that only the guest can tell', () => {
  const TEXT = `
name: any
namespace: bench-r1
storage: { class: fast }
steps:
  - apply:
      manifests:
        - { apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: { name: vm-1 }, spec: { running: false, template: { spec: { domain: { devices: {} } } } } }
  - act:
      on: apply VirtualMachine
      subresource: start
      until: [{ name: ssh, tcp: 22 }]
  - act:
      name: again
      on: apply VirtualMachine
      label: { a: b }
      until: [{ name: ssh, tcp: 22 }]
      wave: { timeout: 5s }
      errorBudget: 1
      waveErrorBudget: 1
`;

  test('has to become true after the request', async () => {
    const parsed = parseScenario(TEXT, 'any.yaml');
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    const toy = toyCluster();
    const { probe, truth } = guests(toy);
    const { entries } = await play(toy, makePlan(parsed.scenario, { runId: 'r1' }), { probe });
    const [stage, ...others] = pick(entries, 'stage').filter(({ p }) => p > 0);
    expect(truth.get('vm-1')).toBeLessThanOrEqual(stage?.t ?? 0);
    expect(truth.get('vm-1')).toBeGreaterThanOrEqual(stage?.l ?? Infinity);
    // Its guest has answered before, and goes on to: that is no effect of a label.
    expect(others).toEqual([]);
    expect(pick(entries, 'miss')).toMatchObject([{ reason: 'Timeout' }]);
  });
});
