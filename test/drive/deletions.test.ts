/** Whatever a run deletes, it names by UID: what bears the name meanwhile is somebody else's. */

import { expect, test } from 'vitest';
import { DATA_VOLUMES, VIRTUAL_MACHINES } from '../../src/api/resources.ts';
import type { DataVolume } from '../../src/api/storage.ts';
import type { ApiRequest, Transport } from '../../src/api/transport.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import type { PlannedStep } from '../../src/plan/plan.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { changes, clones, vms, NAMESPACE, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes`;
const VMS = `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachines`;

/** The toy's transport, and the deletions that went over it. */
function listenIn(toy: ToyCluster) {
  const deletions: ApiRequest[] = [];
  const lookups: string[] = [];
  const transport: Transport = {
    request(request) {
      if (request.method === 'DELETE') deletions.push(request);
      if (request.method === 'GET' && request.path.startsWith(`${VOLUMES}/`)) {
        lookups.push(request.path);
      }
      return toy.transport.request(request);
    },
    watch: (request, sink) => toy.transport.watch(request, sink),
  };
  return { transport, deletions, lookups };
}

test('steps that delete, and steps that clean up, ask for one UID each', async () => {
  const toy = toyCluster();
  const uids = new Set<string>();
  toy.server.onCommit(({ event: { type, object } }) => {
    if (type === 'ADDED') uids.add(object.metadata.uid ?? '');
  });
  const { transport, deletions } = listenIn(toy);
  const plan = planRatio(
    waveStep([clones(0, 3)], { cleanup: true }),
    waveStep([vms(3, 2)], { kind: 'deploy', until: 'provisioned' }),
    waveStep([changes('delete', 5, 2)], { kind: 'delete', until: 'deleted' }),
  );
  const { ending } = await play(toy, plan, { transport });
  expect(ending).toEqual({ outcome: 'complete' });
  const asked = deletions.map(({ body }) => (body as Body | undefined)?.preconditions?.uid);
  expect(asked).toHaveLength(5);
  expect(new Set(asked).size).toBe(5);
  for (const uid of asked) expect(uids).toContain(uid);
});

interface Body {
  readonly preconditions?: { readonly uid?: string };
}

const PAUSE: PlannedStep = { kind: 'pause', index: 0, name: 'pause', durationUs: 60 * SECOND };

/** A step that creates one clone, and one that deletes it. */
function cloneAndDelete() {
  const operations = clones(0, 1);
  const deletions = operations.map((one) => ({ ...one, id: 2, verb: 'delete' as const }));
  const settings = { kind: 'delete', until: 'deleted', timeoutUs: 20 * SECOND } as const;
  return { created: waveStep([operations]), deletion: waveStep([deletions], settings) };
}

test('an object of the same name that came meanwhile is left alone', async () => {
  const toy = toyCluster();
  const { transport } = listenIn(toy);
  let theirs: string | undefined;
  // Once ours is there, somebody deletes it and makes another one of that name.
  toy.kernel.schedule(30 * SECOND, () => {
    toy.send('DELETE', `${VOLUMES}/clone-0`);
  });
  toy.kernel.schedule(35 * SECOND, () => {
    const metadata = { name: 'clone-0', namespace: NAMESPACE };
    const body = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', metadata, spec: {} };
    theirs = toy.send('POST', VOLUMES, body).metadata.uid;
  });
  const { created, deletion } = cloneAndDelete();
  const { entries } = await play(toy, planRatio(created, PAUSE, deletion), { transport });
  expect(theirs).toBeDefined();
  expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')?.metadata.uid).toBe(theirs);
  expect(pick(entries, 'send').map(({ v }) => v)).toEqual(['create', 'delete']);
});

test('what is gone already is deleted: no miss, and no second request', async () => {
  const toy = toyCluster();
  const { transport, deletions, lookups } = listenIn(toy);
  const { created, deletion } = cloneAndDelete();
  toy.kernel.schedule(30 * SECOND, () => {
    toy.send('DELETE', `${VOLUMES}/clone-0`);
  });
  const { entries } = await play(toy, planRatio(created, PAUSE, deletion), { transport });
  expect(deletions).toHaveLength(1);
  // Its UID is known: nobody has to be asked whose it is.
  expect(lookups).toEqual([]);
  expect(pick(entries, 'ack').map(({ c }) => c)).toEqual([201, 404]);
  expect(pick(entries, 'miss').filter(({ how }) => how === 'failed')).toEqual([]);
});

test.each(['start', 'stop', 'delete'] as const)(
  "somebody else's VM of the name: no %s",
  async (verb) => {
    const toy = toyCluster();
    const metadata = { name: NAMESPACE };
    toy.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    const vm = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'vm-0', namespace: NAMESPACE },
      spec: { runStrategy: 'Halted', template: { spec: { domain: {} } } },
    };
    const theirs = toy.send('POST', VMS, vm);
    const until = ({ start: 'instanceRunning', stop: 'stopped', delete: 'deleted' } as const)[verb];
    const kind = verb === 'start' ? 'boot' : verb;
    const { entries } = await play(
      toy,
      planRatio(waveStep([changes(verb, 0, 1)], { kind, until })),
    );
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'NotOurs' }]);
    const now = toy.server.peek(VIRTUAL_MACHINES, NAMESPACE, 'vm-0');
    expect(now?.metadata.uid).toBe(theirs.metadata.uid);
    expect(now?.metadata.deletionTimestamp).toBeUndefined();
    expect(now).toMatchObject({ spec: { runStrategy: 'Halted' } });
  },
);

test.each(['start', 'stop'] as const)(
  "somebody else's VM that came in the place of ours: no %s",
  async (verb) => {
    const toy = toyCluster();
    let theirs: string | undefined;
    toy.kernel.schedule(30 * SECOND, () => {
      toy.send('DELETE', `${VMS}/vm-0`);
    });
    toy.kernel.schedule(35 * SECOND, () => {
      const spec = { runStrategy: 'Halted', template: { spec: { domain: {} } } };
      const metadata = { name: 'vm-0', namespace: NAMESPACE };
      const body = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata, spec };
      theirs = toy.send('POST', VMS, body).metadata.uid;
    });
    const ours = waveStep([vms(0, 1)], { kind: 'deploy', until: 'provisioned' });
    const [operation] = changes(verb, 2, 1);
    const change = waveStep([operation === undefined ? [] : [{ ...operation, name: 'vm-0' }]], {
      kind: verb === 'start' ? 'boot' : verb,
      until: verb === 'start' ? 'instanceRunning' : 'stopped',
    });
    const { entries } = await play(toy, planRatio(ours, PAUSE, change));
    expect(pick(entries, 'miss')).toMatchObject([{ how: 'failed', reason: 'NotOurs' }]);
    const now = toy.server.peek(VIRTUAL_MACHINES, NAMESPACE, 'vm-0');
    expect(now?.metadata.uid).toBe(theirs);
    expect(now).toMatchObject({ spec: { runStrategy: 'Halted' } });
  },
);

test('a clean-up that meets another object of the name leaves it, and has nothing to report', async () => {
  const toy = toyCluster(({ metadata }) => (metadata.name === 'clone-1' ? 'hangs' : undefined));
  let theirs: string | undefined;
  toy.kernel.schedule(30 * SECOND, () => {
    toy.send('DELETE', `${VOLUMES}/clone-0`);
  });
  toy.kernel.schedule(35 * SECOND, () => {
    const metadata = { name: 'clone-0', namespace: NAMESPACE };
    const body = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', metadata, spec: {} };
    theirs = toy.send('POST', VOLUMES, body).metadata.uid;
  });
  const step = waveStep([clones(0, 2)], { cleanup: true, timeoutUs: 60 * SECOND });
  const { entries } = await play(toy, planRatio(step));
  expect(theirs).toBeDefined();
  expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')?.metadata.uid).toBe(theirs);
  expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-1')).toBeUndefined();
  const notes = pick(entries, 'note').filter(({ what }) => what === 'cleanup');
  expect(notes.map(({ message }) => message)).toEqual(['deleting 2 of kind DataVolume']);
});

test('what a foreign finalizer holds is named within a minute, and given up at the deadline', async () => {
  const toy = toyCluster();
  const told: { readonly atUs: number; readonly text: string }[] = [];
  toy.server.onCommit(({ event: { type, object } }) => {
    if (type !== 'ADDED' || object.metadata.name !== 'clone-1') return;
    toy.kernel.schedule(SECOND, () => {
      const body = { metadata: { finalizers: ['example.com/held'] } };
      toy.send('PATCH', `${VOLUMES}/clone-1`, body);
    });
  });
  const plan = planRatio(waveStep([clones(0, 3)], { cleanup: true }), PAUSE);
  const { entries, ending } = await play(toy, plan, {
    deletionDeadlineUs: 2 * MINUTE,
    onWarning: (text) => told.push({ atUs: toy.kernel.nowUs(), text }),
  });
  expect(ending).toEqual({ outcome: 'complete' });
  const what = `DataVolume ${NAMESPACE}/clone-1: held by the finalizer example.com/held`;
  expect(told.map(({ text }) => text)).toEqual([
    `deleted objects are still there: ${what}`,
    `deleted objects are still there, no longer waited for: ${what}`,
  ]);
  const [first, last] = told.map(({ atUs }) => atUs);
  expect((last ?? 0) - (first ?? 0)).toBeLessThan(2 * MINUTE);
  expect(pick(entries, 'note').map((note) => note.what)).toEqual(['cleanup', 'stuck', 'leftovers']);
});

test('of a DataVolume that CDI has deleted once it was done the claim is measured and goes', async () => {
  const toy = toyCluster();
  toy.server.onCommit(({ event: { type, object } }) => {
    const { status, metadata } = object as DataVolume;
    if (object.kind !== 'DataVolume' || type !== 'MODIFIED') return;
    if (status?.phase !== 'Succeeded') return;
    toy.kernel.schedule(0, () => {
      const { name, uid = '' } = metadata;
      const detached = {
        annotations: { 'cdi.kubevirt.io/createdForDataVolume': uid },
        ownerReferences: null,
      };
      toy.send('PATCH', `${CLAIM_PATH}/${name}`, { metadata: detached });
      toy.send('DELETE', `${VOLUMES}/${name}`);
    });
  });
  const step = waveStep([clones(0, 3)], { cleanup: true });
  const { ending, entries } = await play(toy, planRatio(step, PAUSE));
  expect(ending).toEqual({ outcome: 'complete' });
  expect(pick(entries, 'miss')).toEqual([]);
  expect((toy.send('GET', CLAIM_PATH) as unknown as { items: unknown[] }).items).toEqual([]);
  expect(toy.kernel.nowUs()).toBeLessThan(5 * MINUTE);
});

const CLAIM_PATH = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`;
