/** Controllers may be stopped at any moment: others take over and nothing is lost or done twice. */

import { expect, test } from 'vitest';
import { PODS, VIRTUAL_MACHINES, VOLUME_ATTACHMENTS } from '../../../../src/api/resources.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../../src/api/transport.ts';
import { TransportError } from '../../../../src/api/transport.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { GUEST_PROFILES } from '../../../../src/parameters/guests.ts';
import { startComputeControllers } from '../../../../src/sim/controllers/start-compute.ts';
import {
  ask,
  type ComputeCluster,
  hasCondition,
  vmiOf,
  vmObject,
  standInForStorage,
  startComputeCluster,
  until,
} from '../../../support/compute-cluster.ts';

const NAMES = Array.from({ length: 12 }, (_, index) => `vm-${index}`);

function cluster(wrap: (transport: Transport) => Transport = (same) => same): ComputeCluster {
  const started = startComputeCluster({
    overrides: { nodes: { count: 5 } },
    guestOf: () => GUEST_PROFILES.rhel9,
    wrap,
  });
  standInForStorage(started);
  return started;
}

const allReady = (of: ComputeCluster) => () =>
  NAMES.every((name) => hasCondition(vmiOf(of, name), 'AgentConnected'));

async function startAll(to: ComputeCluster): Promise<void> {
  for (const name of NAMES) {
    const vm = vmObject(name, { runStrategy: 'Always' });
    await to.client.create(VIRTUAL_MACHINES, vm);
  }
}

test.each([0.05, 0.4, 1, 3, 6, 9, 12, 15, 18, 25])(
  'controllers that are replaced after %d s bring every VM up, once',
  async (afterSeconds) => {
    const target = cluster();
    await target.clock.run(async () => {
      await target.controllers.ready;
      await startAll(target);
      await target.clock.sleep(afterSeconds * SECOND);
      target.controllers.stop();
      const uids = new Map(NAMES.map((name) => [name, vmiOf(target, name)?.metadata.uid]));
      await target.clock.sleep(2 * SECOND);
      const next = startComputeControllers({ ...target.options, rng: createRng('second') });
      await next.ready;
      await until(target, 'every guest', allReady(target));
      await target.clock.sleep(5 * SECOND);
      for (const name of NAMES) {
        const uid = uids.get(name);
        if (uid !== undefined) expect(vmiOf(target, name)?.metadata.uid).toBe(uid);
      }
      expect((await target.client.list(PODS)).items).toHaveLength(NAMES.length);
      expect((await target.client.list(VOLUME_ATTACHMENTS)).items).toHaveLength(NAMES.length);
    });
  },
);

test('controllers that are replaced later can still stop and delete what runs', async () => {
  const target = cluster();
  await target.clock.run(async () => {
    await target.controllers.ready;
    await startAll(target);
    await until(target, 'every guest', allReady(target));
    target.controllers.stop();
    const next = startComputeControllers({ ...target.options, rng: createRng('second') });
    target.server.addAggregated('subresources.kubevirt.io', next.subresources);
    await next.ready;
    for (const name of NAMES) expect(await ask(target, name, 'stop')).toEqual([202, '']);
    await target.clock.sleep(60 * SECOND);
    expect((await target.client.list(PODS)).items).toEqual([]);
    expect((await target.client.list(VOLUME_ATTACHMENTS)).items).toEqual([]);
  });
});

/** Refuses or loses a share of the writes, before or after the server has carried them out. */
function unreliable(transport: Transport, seed: number): Transport {
  const rng = createRng(seed);
  const refuse = (status: number): ApiResponse => ({
    status,
    body: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: status },
    receivedUs: 0,
  });
  return {
    watch: (request, sink) => transport.watch(request, sink),
    async request(request: ApiRequest) {
      const luck = request.method === 'GET' ? 1 : rng.next();
      if (luck < 0.05) return refuse(429);
      if (luck < 0.1) return refuse(503);
      const response = await transport.request(request);
      if (luck < 0.15) throw new TransportError('the connection broke', true);
      return response;
    },
  };
}

test.each([1, 2, 3])(
  'a server that fails one write in seven (seed %i) only delays',
  async (seed) => {
    const target = cluster((transport) => unreliable(transport, seed));
    await target.clock.run(async () => {
      await target.controllers.ready;
      await startAll(target);
      await until(target, 'every guest', allReady(target));
      await target.clock.sleep(5 * SECOND);
      const pods = (await target.client.list(PODS)).items;
      const owners = new Set(pods.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid));
      expect(owners.size).toBe(NAMES.length);
      expect(pods).toHaveLength(NAMES.length);
    });
    expect(target.errors.length).toBeGreaterThan(10);
  },
);
