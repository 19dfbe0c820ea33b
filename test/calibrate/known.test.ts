/** What an environment records of a real cluster is known, and no longer a default of the release. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playable } from '../../src/calibrate/known.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { ROOT } from '../support/sources.ts';

function scenario() {
  const set = ['simulation.attacher.burst=7', 'simulation.provisioner.qps=9'];
  const loaded = loadScenario(join(ROOT, 'scenarios/smoke.yaml'), set);
  if (!('scenario' in loaded)) throw new Error('smoke.yaml');
  return loaded.scenario;
}

test('nodes, rate limits of sidecars and of KubeVirt are taken from it', () => {
  const bucket = { restClient: { rateLimiter: { tokenBucketRateLimiter: { qps: 33 } } } };
  const { simulation } = playable(scenario(), {
    nodes: '3',
    'nodes.cpus': '100.5',
    'nodes.pods': '750',
    'csi.attacher.qps': '50',
    'kubevirt.limits': JSON.stringify({ handlerConfiguration: bucket }),
  });
  expect(simulation.parameters).toEqual({
    attacher: { qps: 50, burst: 7 },
    provisioner: { qps: 9 },
    snapshotter: {},
    nodes: { count: 3, cpus: 33, maxPods: 250 },
    virtApi: {},
    virtController: {},
    virtHandler: { qps: 33 },
  });
});

test('an image that only the real cluster has is imported in the simulated one', () => {
  const asked = scenario();
  const origin = { kind: 'dataSource', namespace: 'images', name: 'rhel9' } as const;
  const images = asked.images.map((image) => ({ ...image, origin }));
  const [image] = playable({ ...asked, images }, {}).images;
  expect(image?.origin).toEqual({ kind: 'http', url: 'http://images.example/rhel9' });
});
