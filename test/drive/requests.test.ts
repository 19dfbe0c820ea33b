/** Requests that go wrong: what is asked again, what is given up, and what the history says. */

import { describe, expect, test } from 'vitest';
import { DATA_VOLUMES } from '../../src/api/resources.ts';
import { TransportError } from '../../src/api/transport.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import {
  changes,
  clones,
  dataVolume,
  vms,
  NAMESPACE,
  planRatio,
  waveStep,
} from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes`;

const fine = () => undefined;

/** The namespace is there before the run, so that no fault can hit its preparation. */
function lendNamespace(toy: ToyCluster): void {
  const metadata = { name: NAMESPACE };
  toy.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
}

describe('requests are asked again', () => {
  test.each([
    ['throttled', { throttle: { rate: 0.5, retryAfterSeconds: 3 } }],
    ['refused for the moment', { errorRate: 0.5 }],
    ['carried out, their answer lost', { loseCreateRate: 0.5 }],
    ['broken on the way', { dropRate: 0.3 }],
  ])('when they are %s', async (_, faults) => {
    const toy = toyCluster(fine, faults);
    lendNamespace(toy);
    const { ending, entries } = await play(toy, planRatio(waveStep([clones(0, 20)])));
    expect(ending).toEqual({ outcome: 'complete' });
    expect(pick(entries, 'send')).toHaveLength(20);
    expect(new Set(pick(entries, 'obj').map(({ n }) => n)).size).toBe(20);
    const retried = pick(entries, 'ack').filter(({ tries }) => (tries ?? 1) > 1);
    const notes = pick(entries, 'note').filter(({ p }) => p !== undefined);
    expect(retried.length).toBeGreaterThan(2);
    expect(notes.length).toBeGreaterThanOrEqual(retried.length);
  });

  test('no sooner than the server asked for', async () => {
    const toy = toyCluster(fine, { throttle: { rate: 0.5, retryAfterSeconds: 30 } });
    lendNamespace(toy);
    const { entries } = await play(toy, planRatio(waveStep([clones(0, 8)])));
    const sent = new Map(pick(entries, 'send').map(({ p, t }) => [p, t]));
    for (const { p, t, tries = 1 } of pick(entries, 'ack')) {
      expect(t - (sent.get(p) ?? 0)).toBeGreaterThanOrEqual((tries - 1) * 30_000_000);
    }
  });

  test('until their deadline, and no longer', async () => {
    const toy = toyCluster(fine);
    const plan = planRatio(waveStep([clones(0, 2)], { timeoutUs: MINUTE }));
    const deaf = {
      ...toy.transport,
      request: async (request: Parameters<typeof toy.transport.request>[0]) =>
        request.method === 'POST' && request.path === VOLUMES
          ? { status: 503, body: undefined, receivedUs: toy.kernel.nowUs() }
          : toy.transport.request(request),
    };
    const { entries } = await play(toy, plan, { transport: deaf });
    const misses = pick(entries, 'miss');
    expect(misses.map(({ how, reason }) => [how, reason])).toEqual([
      ['censored', 'Timeout'],
      ['censored', 'Timeout'],
    ]);
    expect(pick(entries, 'ack')).toEqual([]);
  });
});

describe('an object that is there already', () => {
  const MAKER = 'bench-run-1';

  /** The first creation of a clone is done by `manager` as well, and has no answer. */
  function losing(toy: ToyCluster, manager: string): ToyCluster['transport'] {
    let lost = false;
    return {
      ...toy.transport,
      async request(request) {
        if (lost || request.method !== 'POST' || request.path !== VOLUMES) {
          return toy.transport.request(request);
        }
        lost = true;
        await toy.transport.request({ ...request, query: { fieldManager: manager } });
        throw new TransportError('the connection was lost', true);
      },
    };
  }

  test("is taken over when it is this run's, whose request was left without an answer", async () => {
    const toy = toyCluster();
    lendNamespace(toy);
    const lab = { transport: losing(toy, MAKER), maker: MAKER };
    const { ending, entries } = await play(toy, planRatio(waveStep([clones(0, 1)])), lab);
    expect(ending.outcome).toBe('complete');
    const uid = toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')?.metadata.uid;
    expect(pick(entries, 'ack')).toMatchObject([{ c: 409, u: uid }]);
  });

  test('is not when another run of the same id and labels was there first', async () => {
    const toy = toyCluster();
    lendNamespace(toy);
    const lab = { transport: losing(toy, 'bench-run-2'), maker: MAKER };
    const { entries } = await play(
      toy,
      planRatio(waveStep([clones(0, 1)], { cleanup: true })),
      lab,
    );
    expect(pick(entries, 'ack')).toMatchObject([{ c: 409 }]);
    expect(pick(entries, 'ack')[0]).not.toHaveProperty('u');
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'AlreadyExists' }]);
    expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')).toBeDefined();
  });

  test('is never ours where no answer was lost, whatever its labels say', async () => {
    const toy = toyCluster();
    lendNamespace(toy);
    toy.send('POST', VOLUMES, dataVolume('clone-0'));
    const { ending, entries } = await play(toy, planRatio(waveStep([clones(0, 1)])));
    expect(ending.outcome).toBe('partial');
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'AlreadyExists' }]);
  });

  test("fails the operation when it is someone else's, and is never deleted", async () => {
    const toy = toyCluster();
    lendNamespace(toy);
    const { metadata, ...rest } = dataVolume('clone-0');
    toy.send('POST', VOLUMES, { ...rest, metadata: { ...metadata, labels: {} } });
    const plan = planRatio(waveStep([clones(0, 2)], { cleanup: true }));
    const { entries } = await play(toy, plan);
    expect(pick(entries, 'miss')).toMatchObject([{ p: 0, how: 'failed', reason: 'AlreadyExists' }]);
    expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-1')).toBeUndefined();
    expect(pick(entries, 'note').some(({ message }) => message?.includes('clone-0'))).toBe(false);
  });
});

test('VMs are started and stopped by patch as well', async () => {
  const byPatch = (verb: 'start' | 'stop', first: number) =>
    changes(verb, first, 2).map((operation) => ({
      ...operation,
      via: 'patch' as const,
      patch: { spec: { running: verb === 'start' } },
    }));
  const plan = planRatio(
    waveStep([vms(0, 2)], { kind: 'deploy', until: 'provisioned' }),
    waveStep([byPatch('start', 2)], { kind: 'boot', until: 'instanceRunning' }),
    waveStep([byPatch('stop', 4)], { kind: 'stop', until: 'stopped' }),
  );
  const { ending, entries } = await play(toyCluster(), plan);
  expect(ending).toEqual({ outcome: 'complete' });
  expect(pick(entries, 'waveEnd').map(({ reached }) => reached)).toEqual([2, 2, 2]);
});

test('a VM is deleted only when it carries the labels of the run', async () => {
  const toy = toyCluster();
  const path = `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachines`;
  lendNamespace(toy);
  toy.send('POST', path, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'vm-0' },
    spec: { running: false, template: { spec: { domain: {} } } },
  });
  const step = waveStep([changes('delete', 0, 1)], { kind: 'delete', until: 'deleted' });
  const { entries } = await play(toy, planRatio(step));
  expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'NotOurs' }]);
});

test('a cluster that serves no snapshots can do what takes none', async () => {
  const toy = toyCluster(fine);
  const { request } = toy.transport;
  const bare: ToyCluster = {
    ...toy,
    transport: {
      ...toy.transport,
      request: (asked) =>
        asked.path.includes('snapshot.storage.k8s.io')
          ? Promise.resolve({ status: 404, body: 'page not found', receivedUs: 0 })
          : request(asked),
    },
  };
  const { ending, entries } = await play(bare, planRatio(waveStep([clones(0, 2)])));
  expect(ending).toEqual({ outcome: 'complete' });
  expect(pick(entries, 'note')).toEqual([]);
});
