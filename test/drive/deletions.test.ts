/** Whatever a run deletes, it names by UID: what bears the name meanwhile is somebody else's. */

import { expect, test } from 'vitest';
import { DATA_VOLUMES } from '../../src/api/resources.ts';
import type { ApiRequest, Transport } from '../../src/api/transport.ts';
import { SECOND } from '../../src/core/duration.ts';
import { type ToyCluster, toyCluster } from '../support/toy-cluster.ts';
import { changes, clones, machines, NAMESPACE, planRatio, waveStep } from '../support/toy-plan.ts';
import { pick, play } from './play.ts';

const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/datavolumes`;

/** The toy's transport, and the deletions that went over it. */
function listenIn(toy: ToyCluster) {
  const deletions: ApiRequest[] = [];
  const transport: Transport = {
    request(request) {
      if (request.method === 'DELETE') deletions.push(request);
      return toy.transport.request(request);
    },
    watch: (request, sink) => toy.transport.watch(request, sink),
  };
  return { transport, deletions };
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
    waveStep([machines(3, 2)], { kind: 'deploy', until: 'provisioned' }),
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
  const [unclone] = clones(0, 1);
  const deletion = { ...unclone, id: 2, verb: 'delete' } as const;
  const plan = planRatio(
    waveStep([clones(0, 1)]),
    { kind: 'pause', index: 0, name: 'pause', durationUs: 60 * SECOND },
    waveStep([[deletion as never]], { kind: 'delete', until: 'deleted', timeoutUs: 20 * SECOND }),
  );
  const { entries } = await play(toy, plan, { transport });
  expect(theirs).toBeDefined();
  expect(toy.server.peek(DATA_VOLUMES, NAMESPACE, 'clone-0')?.metadata.uid).toBe(theirs);
  expect(pick(entries, 'send').map(({ v }) => v)).toEqual(['create', 'delete']);
});
