/**
 * Runs whose harness is killed and that are resumed: nothing is started twice, nothing is lost, and
 * what happened in between lies within what the history says of it. `KILLS=1000` tries so many.
 */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import type { ApiRequest } from '../../src/api/transport.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { makeSpans, measuredOperations } from '../../src/analyse/spans.ts';
import { createRng } from '../../src/core/rng.ts';
import { drive } from '../../src/drive/drive.ts';
import type { Entry } from '../../src/record/entry.ts';
import type { Run } from '../../src/record/run.ts';
import { runBuilder } from '../../src/record/run-builder.ts';
import { pastSessions } from '../../src/record/past-sessions.ts';
import { localWatchHost } from '../support/local-watch-host.ts';
import { mortal } from '../support/mortal.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { changes, clones, vms, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick } from './play.ts';
import { HEADER, playKilled, type Sessions } from './play-killed.ts';

const life = (cleanup = true) =>
  planRatio(
    waveStep([clones(0, 6), clones(6, 6)], { cleanup, inFlightMax: 5 }),
    waveStep([vms(12, 4)], { kind: 'deploy', until: 'provisioned' }),
    waveStep([changes('start', 16, 2), changes('start', 18, 2).map(shifted)], {
      kind: 'boot',
      until: 'guestReady',
      pacing: { loop: 'open', everyUs: 15 * SECOND },
    }),
    waveStep([changes('delete', 20, 4)], { kind: 'delete', until: 'deleted' }),
  );

/** How long it takes, undisturbed. */
const LIFE_US = 96 * SECOND;

const FAULTS = { loseCreateRate: 0.3, cutEveryUs: 20 * SECOND };

function shifted<T extends { readonly name: string }>(operation: T, index: number): T {
  return { ...operation, name: `vm-${index + 2}` };
}

interface Truth {
  /** Creations of each name, by kind and name. */
  readonly created: ReadonlyMap<string, number>;
  /** When each object was created, by UID. */
  readonly born: ReadonlyMap<string, number>;
  /** Commit times of each phase, by UID. */
  readonly phases: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

function witness({ server, kernel }: ToyCluster): Truth {
  const created = new Map<string, number>();
  const phases = new Map<string, Map<string, number>>();
  const born = new Map<string, number>();
  server.onCommit(({ event: { type, object } }) => {
    const key = `${object.kind} ${object.metadata.name}`;
    if (type === 'ADDED') created.set(key, (created.get(key) ?? 0) + 1);
    const phase = (object as KubeObject & { status?: { phase?: string } }).status?.phase;
    const uid = object.metadata.uid ?? '';
    if (type === 'ADDED') born.set(uid, kernel.nowUs());
    const known = phases.get(uid) ?? new Map<string, number>();
    phases.set(uid, known);
    if (phase !== undefined && !known.has(phase)) known.set(phase, kernel.nowUs());
  });
  return { created, born, phases };
}

/** Delivery of a watch event, and one millisecond of grace. */
const WATCH_US = 51_000;

function runOf(entries: readonly Entry[]): Run {
  const builder = runBuilder(HEADER as Entry & { e: 'header' });
  for (const entry of entries.slice(1)) builder.add(entry);
  return builder.build([]);
}

function check({ ending, entries }: Sessions, truth: Truth, operations = 24): void {
  expect(ending.outcome).toBe('complete');
  const repeated = [...truth.created].filter(([key, n]) => n > 1 && !key.startsWith('Namespace'));
  expect(repeated).toEqual([]);
  const run = runOf(entries);
  expect(run.problems).toEqual([]);
  expect(run.operations).toHaveLength(operations);
  expect(run.operations.filter(({ miss }) => miss !== undefined)).toEqual([]);
  // What was created is known by UID: it could not be cleaned up otherwise.
  const unknown = run.operations.filter(({ verb, ack }) => verb === 'create' && !ack?.uid);
  expect(unknown).toEqual([]);
  const ends = run.waves.map(({ end, size }) => [end?.reached, size]);
  expect(ends).toEqual(run.waves.map(({ size }) => [size, size]));
  const { objects } = run;
  for (let object = 0; object < objects.size; object++) {
    for (const [phase, trueUs] of truth.phases.get(objects.uidOf(object)) ?? []) {
      const seen = objects.first(object, 'phase', phase);
      if (seen === undefined) continue;
      expect(seen.atUs).toBeGreaterThanOrEqual(trueUs);
      expect(seen.afterUs).toBeLessThanOrEqual(trueUs + WATCH_US);
    }
  }
}

describe('a killed run goes on', () => {
  const kills = Number(process.env['KILLS'] ?? 20);
  const seeds = Array.from({ length: kills }, (_, seed) => seed);

  test.each(seeds)('at a random moment, seed %i', async (seed) => {
    const dice = createRng(`kill ${seed}`);
    const toy = toyCluster(undefined, seed % 2 === 0 ? {} : FAULTS);
    const truth = witness(toy);
    const killUs = Math.round(dice.uniform(0, LIFE_US));
    const outageUs = Math.round(dice.uniform(0, 2 * MINUTE));
    const sessions = await playKilled(toy, life(), [killUs], outageUs);
    check(sessions, truth);
    expect(pick(sessions.entries, 'anchor')).toHaveLength(2);
  });

  test.each(seeds.slice(0, 6))('again and again, seed %i', async (seed) => {
    const dice = createRng(`kills ${seed}`);
    const toy = toyCluster();
    const truth = witness(toy);
    const kills = [10, 30, 60, 80].map((at) => Math.round(at * SECOND * dice.uniform(0.8, 1.2)));
    check(await playKilled(toy, life(), kills, 5 * SECOND), truth);
  });
});

describe('a killed run goes on whose last lines were lost with its disk', () => {
  const kills = Number(process.env['KILLS'] ?? 12);
  test.each(Array.from({ length: kills }, (_, seed) => seed))('seed %i', async (seed) => {
    const dice = createRng(`lost ${seed}`);
    const toy = toyCluster();
    const truth = witness(toy);
    const killUs = Math.round(dice.uniform(0, LIFE_US));
    const lostUs = Math.round(dice.uniform(0, 20 * SECOND));
    const outageUs = Math.round(dice.uniform(0, MINUTE));
    // What is removed again while nobody remembers it has no end that could be told.
    const plan = life(false);
    const lasting = { ...plan, steps: plan.steps.slice(0, 3) };
    const sessions = await playKilled(toy, lasting, [killUs], outageUs, { lostUs });
    check(sessions, truth, 20);
    const run = runOf(sessions.entries);
    const spans = makeSpans(run, measuredOperations(run));
    const checked = spans.filter(({ metric }) => metric in PHASE_OF);
    expect(checked).toHaveLength(16);
    for (const { metric, object = 0, outcome } of checked) {
      const uid = run.objects.uidOf(object);
      const endUs = truth.phases.get(uid)?.get(PHASE_OF[metric] ?? '') ?? Number.NaN;
      const tookUs = endUs - (truth.born.get(uid) ?? Number.NaN);
      expect(outcome).toMatchObject({ state: 'reached' });
      if (outcome.state !== 'reached') continue;
      expect(outcome.lo).toBeLessThanOrEqual(tookUs + WATCH_US);
      expect(outcome.hi).toBeGreaterThanOrEqual(tookUs - WATCH_US);
    }
  });
});

/** What ends these latencies of the object itself. */
const PHASE_OF: Readonly<Record<string, string>> = { clone: 'Succeeded', vmiRunning: 'Running' };

test.each([
  ['creation of a DataVolume', 'POST', /\/datavolumes$/],
  ['creation of a VM', 'POST', /\/virtualmachines$/],
  ['start', 'PUT', /\/start$/],
  ['deletion', 'DELETE', /\/virtualmachines\//],
])(
  'a %s that was written down and never sent is sent by the next session',
  async (_, method, path) => {
    const toy = toyCluster();
    const truth = witness(toy);
    let tries = 0;
    const third = (request: ApiRequest) =>
      request.method === method && path.test(request.path) && ++tries === 3;
    check(await playKilled(toy, life(), [third], 10 * SECOND), truth);
    expect(tries).toBeGreaterThanOrEqual(3);
  },
);

test('what was cut off by an interruption is taken up again', async () => {
  const toy = toyCluster();
  const truth = witness(toy);
  const { kernel } = toy;
  const first = mortal(kernel, toy.transport);
  const interrupt = new AbortController();
  kernel.schedule(5.5 * SECOND, () => interrupt.abort());
  const host = (transport = toy.transport) => localWatchHost(transport, kernel);
  const lab = { ...first, rng: createRng(1), watchHost: host() };
  const cut = await kernel.run(() => drive(life(), { ...lab, signal: interrupt.signal }));
  expect(cut.outcome).toBe('partial');
  const before: readonly Entry[] = [HEADER, ...first.entries];
  expect(pick(before, 'miss').length).toBeGreaterThan(0);
  const second = mortal(kernel, toy.transport);
  const past = pastSessions(() => before, kernel.wallUs());
  const ending = await kernel.run(() => drive(life(), { ...lab, ...second, past }));
  check({ ending, entries: [...before, ...second.entries] }, truth);
});

test('misses of before the outage count against the error budget of their wave', async () => {
  const toy = toyCluster(({ metadata }) => {
    if (!metadata.name.startsWith('clone-')) return undefined;
    return metadata.name < 'clone-2' ? 'fails' : 'hangs';
  });
  const plan = planRatio(waveStep([clones(0, 4), clones(4, 1)], { timeoutUs: 2 * MINUTE }));
  const { ending, entries } = await playKilled(toy, plan, [20 * SECOND], 10 * SECOND);
  expect(ending.outcome).toBe('failed');
  expect(ending.reason).toContain('wave 1 of 2: 3 of 4 operations missed (2 failed, 1 unfinished');
  expect(ending.reason).toContain('most often DataVolumeFailed (2)');
  const misses = pick(entries, 'miss').map(({ reason }) => reason);
  expect(misses).toEqual(['DataVolumeFailed', 'DataVolumeFailed', 'Timeout', 'Aborted']);
  expect(pick(entries, 'wave')).toHaveLength(1);
});
