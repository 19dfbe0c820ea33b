/** Pods of controllers that are not ours, whose containers have an end of their own. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { PODS } from '../../../../src/api/resources.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import { NAMESPACE, startComputeCluster, until } from '../../../support/compute-cluster.ts';

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: { containers: [{ name: 'main', image: 'quay.io/of/others:1' }] },
});

test('a program runs for its time on a node, and the pod says how it ended', async () => {
  const done: string[] = [];
  let tell = () => {};
  const cluster = startComputeCluster({
    overrides: { nodes: { count: 2 } },
    controllers: {
      programs: ({ metadata: { name } }) => {
        if (name === 'runs-on') return undefined;
        if (name === 'serves')
          return { serve: (end) => ((tell = end), () => {}), message: 'served' };
        const finish = name.startsWith('fails') ? undefined : () => done.push(name);
        return { durationUs: 30 * SECOND, finish };
      },
    },
  });
  const { clock, client, controllers, server } = cluster;
  const phaseOf = (name: string) => server.peek(PODS, NAMESPACE, name)?.status?.phase;
  await clock.run(async () => {
    await controllers.ready;
    for (const name of ['ends', 'fails', 'runs-on', 'serves']) await client.create(PODS, pod(name));
    const failing = pod('fails-on');
    const spec = { ...failing.spec, restartPolicy: 'OnFailure' };
    await client.create(PODS, { ...failing, spec });
    await until(cluster, 'running pods', () => phaseOf('ends') === 'Running');
    const startedUs = clock.nowUs();
    expect(done).toEqual([]);
    await until(cluster, 'the end', () => phaseOf('ends') === 'Succeeded');
    expect((clock.nowUs() - startedUs) / SECOND).toBeGreaterThanOrEqual(30);
    expect(done).toEqual(['ends']);
    await until(cluster, 'the failure', () => phaseOf('fails') === 'Failed');
    // What asks for that is started again: at once, then after 10 s, then after 20.
    const crashing = () => server.peek(PODS, NAMESPACE, 'fails-on')?.status;
    await until(cluster, 'a third start', () => {
      return crashing()?.containerStatuses?.[0]?.restartCount === 3;
    });
    const tookS = (clock.nowUs() - startedUs) / SECOND;
    expect(Math.abs(tookS - (30 + 30 + 10 + 30 + 20))).toBeLessThan(4);
    expect(crashing()).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ ready: true, lastState: { terminated: { reason: 'Error' } } }],
    });
    expect(phaseOf('runs-on')).toBe('Running');
    expect(phaseOf('serves')).toBe('Running');
    tell();
    await until(cluster, 'the end of what serves', () => phaseOf('serves') === 'Succeeded');
    const { containerStatuses } = server.peek(PODS, NAMESPACE, 'serves')?.status ?? {};
    expect(containerStatuses?.[0]?.state).toMatchObject({ terminated: { message: 'served' } });
    await client.remove(PODS, { namespace: NAMESPACE, name: 'ends' });
    await until(cluster, 'nothing left', () => phaseOf('ends') === undefined);
  });
  expect(cluster.errors).toEqual([]);
});
