/** What the simulated cluster tells of itself: in a run, and as it is served. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROMETHEUS_SERVICE } from '../../../src/api/monitoring.ts';
import { METRIC_PROFILES } from '../../../src/catalogue/metric-profiles.ts';
import { resolveParameters } from '../../../src/parameters/parameters.ts';
import { getFilePath } from '../../../src/record/layout.ts';
import { parsePromql } from '../../../src/sim/monitoring/promql.ts';
import { createSimulator } from '../../../src/sim/simulator.ts';
import { embeddedRun, type EmbeddedRun } from '../../support/embedded-run.ts';

const SMALL = ['steps.0.clone.count=10', 'steps.1.deploy.count=20', 'metrics=simulated'];

const linesOf = ({ folder }: EmbeddedRun) =>
  readFileSync(getFilePath(folder, 'history'), 'utf8').trim().split('\n');

test('a run that asks is told by the embedded cluster, the same for the same seed', async () => {
  const run = await embeddedRun('smoke', SMALL);
  const felt = run.summary.felt ?? [];
  const most = (step: string, name: string) =>
    felt.find((record) => record.step.startsWith(step) && record.name === name)?.max ?? 0;
  // Of the last scrape before the end, not of the end.
  expect(most('boot', 'VMs')).toBeGreaterThan(10);
  expect(most('boot', 'VMs')).toBeLessThanOrEqual(20);
  expect(most('boot', 'objects stored')).toBeGreaterThan(most('clone', 'objects stored'));
  expect(most('boot', 'Ceph used')).toBeGreaterThan(most('clone', 'Ceph used'));
  expect(most('deploy', 'API server requests')).toBeGreaterThan(0);
  expect(most('deploy', 'API server p99')).toBeGreaterThan(0);
  // Another order of the same questions is another run, and gives the same history.
  const again = await embeddedRun('smoke', [...SMALL].reverse());
  expect(linesOf(again).slice(1)).toEqual(linesOf(run).slice(1));
});

test('asking changes nothing that is measured', async () => {
  const asked = await embeddedRun('smoke', SMALL);
  const silent = await embeddedRun('smoke', SMALL.slice(0, 2));
  expect(silent.summary.felt).toBeUndefined();
  expect(linesOf(silent).some((line) => line.includes('"e":"metric"'))).toBe(false);
  expect(asked.summary.metrics).toEqual(silent.summary.metrics);
});

test('each question of the shipped profiles is one that it knows', () => {
  for (const queries of Object.values(METRIC_PROFILES)) {
    for (const { query } of queries) expect(() => parsePromql(query)).not.toThrow();
  }
});

test('served: the text format, and the API of a Prometheus behind the proxy', async () => {
  const { kernel, transport } = createSimulator({
    seed: 1,
    parameters: resolveParameters({ nodes: { count: 2 } }),
    images: [],
    storageClasses: [],
    snapshotClasses: [],
    namespaces: [],
    recordEvents: false,
    monitoring: {},
  });
  await kernel.run(async () => {
    const get = (path: string, query = {}) => transport.request({ method: 'GET', path, query });
    await get('/api/v1/namespaces/default/pods/none');
    await kernel.sleep(61e6);
    const text = String((await get('/metrics')).body);
    const counted = 'group="",version="v1",resource="pods",subresource="",code="404"';
    expect(text).toContain(`apiserver_request_total{verb="GET",${counted}} 1\n`);
    expect(text).toContain('# TYPE apiserver_request_duration_seconds histogram\n');
    expect(text).toContain('apiserver_storage_objects{resource="nodes"} 2\n');
    expect(text).toMatch(/^workqueue_depth\{name="csi-attacher-va"\} 0$/m);
    expect(text).toMatch(/^ceph_cluster_total_used_raw_bytes 0$/m);
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-+.\w]+)$/);
    }
    const asked = { query: 'apiserver_storage_objects{resource="nodes"}' };
    const instant = await get(`${PROMETHEUS_SERVICE}/api/v1/query`, asked);
    expect(instant).toMatchObject({
      status: 200,
      body: {
        status: 'success',
        data: { resultType: 'vector', result: [{ value: [expect.any(Number), '2'] }] },
      },
    });
    const bad = await get(`${PROMETHEUS_SERVICE}/api/v1/query_range`, { ...asked, start: 'now' });
    expect(bad).toMatchObject({ status: 400, body: { errorType: 'bad_data' } });
    expect((await get(`${PROMETHEUS_SERVICE}/graph`)).status).toBe(404);
  });
});
