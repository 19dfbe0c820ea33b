/** Steps on objects of any kind: what they wait for, when that was seen, and what ends the waiting. */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import type { Transport } from '../../src/api/transport.ts';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { clones, NAMESPACE, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const MIGRATIONS = '/apis/kubevirt.io/v1/namespaces/bench-run/virtualmachineinstancemigrations';
const CONFIG_MAPS = '/api/v1/namespaces/bench-run/configmaps';

function plan(steps: string) {
  const text = `name: any\nnamespace: bench-run\nstorage: { class: fast }\nsteps:\n${steps}`;
  const parsed = parseScenario(text, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.scenario, { runId: 'run' });
}

const APPLY = `
  - apply:
      name: migrate
      template:
        apiVersion: kubevirt.io/v1
        kind: VirtualMachineInstanceMigration
        metadata: { name: "move-{{index}}" }
        spec: { vmiName: "vm-{{index}}" }
      count: 3
      until:
        - exists
        - { name: running, jsonpath: "{.status.phase}=Running" }
        - { jsonpath: "{.status.phase}=Succeeded" }
      fails: [{ jsonpath: "{.status.phase}=Failed" }]
      wave: { ramp: 0s, timeout: 60s }
`;

/** Moves each migration through phases at these seconds after it was created. */
function migrating(phases: (name: string) => readonly (readonly [number, string])[]): ToyCluster {
  const toy = toyCluster();
  toy.send('POST', '/api/v1/namespaces', namespace);
  toy.server.onCommit(({ event: { type, object } }) => {
    if (type !== 'ADDED' || object.kind !== 'VirtualMachineInstanceMigration') return;
    const { name } = object.metadata;
    for (const [seconds, phase] of phases(name)) {
      toy.kernel.schedule(seconds * SECOND, () => {
        toy.send('PATCH', `${MIGRATIONS}/${name}/status`, { status: { phase, reason: 'x' } });
      });
    }
  });
  return toy;
}

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench-run' } };

describe('apply', () => {
  test('each stage is reached when our watch has seen it, and not before the one before', async () => {
    const toy = migrating(() => [
      [2, 'Running'],
      [5, 'Succeeded'],
    ]);
    const { ending, entries } = await play(toy, plan(APPLY));
    expect(ending.outcome).toBe('complete');
    const stages = pick(entries, 'stage').filter(({ p }) => p === 0);
    const [first] = pick(entries, 'send');
    const born = stages[0]?.t ?? 0;
    expect(stages.map(({ g }) => g)).toEqual([0, 1, 2]);
    // From one sight to the next, the delay of watches drops out.
    expect(stages.map(({ t }) => (t - born) / SECOND)).toEqual([0, 2, 5]);
    expect(born).toBeGreaterThan(first?.t ?? Infinity);
    expect(pick(entries, 'kind').map(({ plural }) => plural)).toEqual([
      'virtualmachineinstancemigrations',
    ]);
  });

  test('what `fails` names ends the waiting, in the words of the object', async () => {
    const toy = migrating((name) => [[3, name === 'move-2' ? 'Failed' : 'Succeeded']]);
    const wanted = APPLY.replace('- { name: running, jsonpath: "{.status.phase}=Running" }', '');
    const { entries } = await play(toy, plan(wanted.replace(/\n\s*\n/g, '\n')));
    expect(pick(entries, 'miss')).toMatchObject([
      {
        p: 1,
        how: 'failed',
        class: 'NamedFailure',
        reason: '{.status.phase}=Failed',
        message: 'x',
      },
    ]);
  });

  test('who never gets there is unfinished, with the stage that it waited for', async () => {
    const toy = migrating(() => [[2, 'Running']]);
    const { entries } = await play(toy, plan(APPLY));
    const [miss] = pick(entries, 'miss');
    expect(miss).toMatchObject({ how: 'censored', reason: 'Timeout', class: 'Slow' });
    expect(miss?.message).toContain('Running, waiting for {.status.phase}=Succeeded');
  });

  test('what was there is changed and not the run’s, and what is so already is reached', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { x: '1' },
    };
    const before = toy.send('POST', CONFIG_MAPS, theirs);
    const manifest = (name: string) =>
      `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} }, data: { y: "2" } }`;
    const step = `  - apply: { manifests: [${manifest('a')}, ${manifest('b')}], until: exists }`;
    const { ending, entries } = await play(toy, plan(step));
    expect(ending.outcome).toBe('complete');
    const acks = pick(entries, 'ack');
    expect(acks[0]).toMatchObject({ c: 200, g: 1 });
    expect(acks[0]?.u).toBeUndefined();
    expect(acks[1]?.u).toBeDefined();
    const after = toy.send('GET', `${CONFIG_MAPS}/a`) as KubeObject & { data: unknown };
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.labels).toBeUndefined();
    expect(after.data).toEqual({ x: '1', y: '2' });
  });
});

describe('what ends the waiting', () => {
  const EVENTS = '/api/v1/namespaces/bench-run/events';
  const warn = (toy: ToyCluster, name: string, reason: string, about: string) =>
    toy.send('POST', EVENTS, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'ConfigMap', namespace: 'bench-run', name: about },
      reason,
      message: 'the disk is full',
    });
  const step = (fails: string) => `
  - apply:
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: "c-{{index}}" } }
      count: 2
      until: { jsonpath: "{.data.ready}=yes" }
      fails: [${fails}]
      wave: { ramp: 0s, timeout: 30s }
`;

  test('an event about the object, told after the request, and not about another one', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    warn(toy, 'old', 'Broken', 'c-1');
    toy.kernel.schedule(4 * SECOND, () => warn(toy, 'other', 'Busy', 'c-1'));
    toy.kernel.schedule(6 * SECOND, () => warn(toy, 'new', 'Broken', 'c-2'));
    const { entries } = await play(toy, plan(step('{ event: Broken }')));
    const misses = pick(entries, 'miss').toSorted((a, b) => a.p - b.p);
    expect(misses).toMatchObject([
      { p: 0, how: 'censored', reason: 'Timeout' },
      { p: 1, how: 'failed', reason: 'event Broken', class: 'NamedFailure' },
    ]);
    expect(misses[1]?.message).toBe('ConfigMap bench-run/c-2: Broken: the disk is full');
  });

  test('a field that is there and has another value; one that is missing says nothing', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    toy.kernel.schedule(5 * SECOND, () => {
      toy.send('PATCH', `${CONFIG_MAPS}/c-1`, { data: { mode: 'odd' } });
      toy.send('PATCH', `${CONFIG_MAPS}/c-2`, { data: { mode: 'even' } });
    });
    const { entries } = await play(toy, plan(step('{ jsonpath: "{.data.mode}!=even" }')));
    const misses = pick(entries, 'miss').toSorted((a, b) => a.p - b.p);
    expect(misses).toMatchObject([
      { p: 0, how: 'failed', reason: '{.data.mode}!=even' },
      { p: 1, how: 'censored' },
    ]);
  });
});

describe('what is to stay', () => {
  test('is nobody’s: no label, no UID in the history, and applied again it is the same', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const manifest = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { x: "1" } }';
    const step = `  - apply: { manifests: [${manifest}], keep: true, until: exists }`;
    const first = await play(toy, plan(step));
    const made = toy.send('GET', `${CONFIG_MAPS}/a`);
    const again = await play(toy, plan(step));
    expect([first, again].map(({ ending }) => ending.outcome)).toEqual(['complete', 'complete']);
    expect(made.metadata.labels).toBeUndefined();
    expect(toy.send('GET', `${CONFIG_MAPS}/a`).metadata.resourceVersion).toBe(
      made.metadata.resourceVersion,
    );
    expect(pick(first.entries, 'ack').map(({ c, u }) => [c, u])).toEqual([[201, undefined]]);
  });
});

describe('a lab', () => {
  const LATE = /^\/apis\/(kubevirt|cdi\.kubevirt)\.io\//;

  test('is brought up before the kinds of VMs are served, and what follows waits for them', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const servedUs = 60 * SECOND;
    toy.kernel.schedule(40 * SECOND, () => {
      toy.send('PATCH', `${CONFIG_MAPS}/a`, { data: { up: 'yes' } });
    });
    const transport: Transport = {
      ...toy.transport,
      request: (request) =>
        LATE.test(request.path) && toy.kernel.nowUs() < servedUs
          ? Promise.resolve({ status: 404, body: undefined, receivedUs: toy.kernel.nowUs() })
          : toy.transport.request(request),
    };
    const manifest = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }';
    const until = '{ jsonpath: "{.data.up}=yes" }';
    const lab = plan(`  - apply: { manifests: [${manifest}], keep: true, until: ${until} }`);
    expect(lab.labSteps).toBe(1);
    const { steps, labels } = planRatio(waveStep([]), waveStep([clones(1, 2)]));
    const both = { ...lab, labels, steps: [...lab.steps, ...steps.slice(1)] };
    toy.send('POST', '/api/v1/namespaces', { ...namespace, metadata: { name: NAMESPACE } });
    const { ending, entries } = await play(toy, both, { transport });
    expect(ending.outcome).toBe('complete');
    const sends = pick(entries, 'send');
    expect(sends[0]?.t).toBeLessThan(SECOND);
    expect(sends[1]?.t).toBeGreaterThan(servedUs);
    const seen = pick(entries, 'obj').filter(({ k }) => k === 'DataVolume');
    expect(seen.map(({ l }) => l)).toEqual([undefined, undefined]);
  });
});

describe('act', () => {
  const MADE = APPLY.replace(/until:[\s\S]*fails.*/, 'until: exists');
  const act = (action: string, until: string) => `${MADE}
  - pause: 5s
  - act: { name: finish, on: migrate, ${action}, until: ${until}, wave: { ramp: 0s, timeout: 60s } }
`;
  const SUCCEEDED = '{ jsonpath: "{.status.phase}=Succeeded" }';

  test('a status of before the change does not count, where the object says which it is', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const write = (name: string, status: object) =>
      toy.send('PATCH', `${MIGRATIONS}/${name}/status`, { status });
    toy.server.onCommit(({ event: { type, object } }) => {
      const { name, generation = 0 } = object.metadata;
      if (object.kind !== 'VirtualMachineInstanceMigration') return;
      const status = { phase: 'Succeeded', observedGeneration: generation };
      if (type === 'ADDED') toy.kernel.schedule(1000, () => write(name, status));
      if (type !== 'MODIFIED' || generation < 2) return;
      if ((object.status as typeof status).observedGeneration === generation) return;
      toy.kernel.schedule(7 * SECOND, () => write(name, status));
    });
    const steps = act('patch: { spec: { vmiName: other } }', SUCCEEDED);
    const { ending, entries } = await play(toy, plan(steps));
    expect(ending.outcome).toBe('complete');
    const stages = pick(entries, 'stage').filter(({ p }) => p === 3);
    const sent = pick(entries, 'send').find(({ p }) => p === 3);
    expect(stages).toHaveLength(1);
    expect((stages[0]?.t ?? 0) - (sent?.t ?? 0)).toBeGreaterThan(7 * SECOND);
  });

  test('deletion is of what the run made, and over when it is gone', async () => {
    const toy = migrating(() => []);
    const steps = act('delete: true', 'gone');
    const { ending, entries } = await play(toy, plan(steps));
    expect(ending.outcome).toBe('complete');
    expect(pick(entries, 'stage').filter(({ p }) => p >= 3)).toHaveLength(3);
    expect(toy.send('GET', MIGRATIONS)).toMatchObject({ items: [] });
  });

  test('what was true before the request is no effect of it', async () => {
    const toy = migrating(() => [[1, 'Succeeded']]);
    toy.server.onCommit(({ event: { type, object } }) => {
      const { name, labels } = object.metadata;
      if (type !== 'MODIFIED' || labels?.['again'] !== 'yes') return;
      if ((object.status as { phase?: string }).phase !== 'Succeeded') return;
      toy.kernel.schedule(SECOND, () => {
        toy.send('PATCH', `${MIGRATIONS}/${name}/status`, { status: { phase: 'Running' } });
      });
      toy.kernel.schedule(4 * SECOND, () => {
        toy.send('PATCH', `${MIGRATIONS}/${name}`, { metadata: { labels: null } });
        toy.send('PATCH', `${MIGRATIONS}/${name}/status`, { status: { phase: 'Succeeded' } });
      });
    });
    const until = `[{ jsonpath: "{.status.phase}=Running" }, ${SUCCEEDED}]`;
    const steps = act('label: { again: "yes" }', until);
    const { ending, entries } = await play(toy, plan(steps));
    expect(ending.outcome).toBe('complete');
    const stages = pick(entries, 'stage').filter(({ p }) => p === 3);
    expect((stages[1]?.t ?? 0) - (stages[0]?.t ?? 0)).toBe(3 * SECOND);
  });
});

describe('objects that a selector finds', () => {
  test('are those that are there when the step begins, whoever made them', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    for (const [name, color] of Object.entries({ a: 'red', b: 'blue', c: 'red' })) {
      const metadata = { name, labels: { color } };
      toy.send('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    }
    const step = `
  - act:
      on: { kind: ConfigMap, labels: color=red }
      label: { seen: "yes" }
      until: { jsonpath: "{.metadata.labels.seen}=yes" }
`;
    const { ending, entries } = await play(toy, plan(step));
    expect(ending.outcome).toBe('complete');
    expect(pick(entries, 'picked')).toMatchObject([{ places: ['bench-run/a', 'bench-run/c'] }]);
    expect(pick(entries, 'step')).toMatchObject([{ operations: 2 }]);
    const labelled = ['a', 'b', 'c'].map(
      (name) => toy.send('GET', `${CONFIG_MAPS}/${name}`).metadata.labels?.['seen'],
    );
    expect(labelled).toEqual(['yes', undefined, 'yes']);
  });

  test('are not deleted, since the run did not create them', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    toy.send('POST', CONFIG_MAPS, theirs);
    const step = '  - act: { on: { kind: ConfigMap, name: a }, delete: true, until: gone }';
    const { entries } = await play(toy, plan(step));
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'NotOurs' }]);
    expect(toy.send('GET', `${CONFIG_MAPS}/a`).metadata.name).toBe('a');
  });
});

describe('counting', () => {
  test('so many objects of a kind, whoever made them', async () => {
    const toy = toyCluster();
    toy.send('POST', '/api/v1/namespaces', namespace);
    const object = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
    for (const i of [1, 2, 3]) {
      toy.kernel.schedule(i * 4 * SECOND, () => {
        toy.send('POST', '/api/v1/namespaces/bench-run/secrets', object(`s-${i}`));
      });
    }
    const step = `
  - apply:
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: c } }
      until: { count: { kind: Secret, namespace: bench-run, is: 3 } }
`;
    const { ending, entries } = await play(toy, plan(step));
    expect(ending.outcome).toBe('complete');
    const [stage] = pick(entries, 'stage');
    const third = pick(entries, 'obj').find(({ n }) => n === 's-3');
    expect(stage?.t).toBe(third?.t);
  });
});
