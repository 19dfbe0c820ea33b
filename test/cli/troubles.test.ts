/** Runs on an embedded cluster in trouble: what missed is told with its class, and by which path. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MetricRecord } from '../../src/analyse/metric-record.ts';
import type { Summary } from '../../src/analyse/summary.ts';
import { openTarget } from '../../src/cli/target.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scenario(name: string, steps: string, simulation: string, more = ''): string {
  const file = join(folder, `${name}.yaml`);
  const text = `
name: ${name}
storage:
  class: ocs-storagecluster-ceph-rbd-virtualization
  snapshotClass: ocs-storagecluster-rbdplugin-snapclass
images: { rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 22Gi } }
templates: { rhel9: { file: ${JSON.stringify(join(ROOT, 'scenarios/templates/rhel9.yaml'))} } }
${more}
steps: ${steps}
simulation: { images: { rhel9: { guest: rhel9, data: 4Gi } }, ${simulation} }
`;
  writeFileSync(file, text);
  return file;
}

async function run(file: string) {
  const args = ['run', file, '--results', folder, '--run-id', 'r', '--progress', 'none'];
  const { code, out, err } = await cli(args, { openTarget });
  const name = /([^/]+)\.yaml$/.exec(file)?.[1] ?? '';
  const read = (of: string) => readFileSync(join(folder, name, 'r', of), 'utf8');
  const summary = JSON.parse(read('summary.json')) as Summary;
  return { code, out: out.replace(/\s+/g, ' '), err, summary, read };
}

describe('more VMs than memory', () => {
  // One node of 20Gi has room for four or fewer VMs of 4Gi and what runs beside them.
  const file = scenario(
    'overcommit',
    `
  - deploy: { template: rhel9, count: 10 }
  - boot: { name: boots, template: rhel9, wave: { timeout: 5m } }
  - stop: { template: rhel9 }`,
    'nodes: { count: 1, memory: 20Gi }',
  );

  test('abort the run with exit 5, and the tables still come', async () => {
    const { code, out, err, summary, read } = await run(file);
    expect(code).toBe(5);
    expect(summary.run.outcome).toBe('failed');
    expect(summary.run.reason).toMatch(/'boots', wave 1 of 1: 6 of 10 operations missed/);
    expect(summary.run.reason).toMatch(
      /most often ErrorUnschedulable \(6\): .*Insufficient memory$/,
    );
    expect(err).toContain('failed: step ');
    expect(out).toContain('What missed, and why');
    expect(out).toContain('6 of boots (60 %) timed out, ErrorUnschedulable: ');
    expect(out).toContain('1 of 10 VMs guest ready');
    expect(out).toContain('0/1 nodes are available: 1 Insufficient memory');
    const missed = summary.misses.map((one) => [one.class, one.how, one.reason, one.step]);
    expect(missed[0]).toEqual(['ErrorUnschedulable', 'censored', 'Timeout', 'boots']);
    const [head, ...rows] = read('samples.csv')
      .trim()
      .split('\n')
      .map((row) => row.split(','));
    const classes = rows.map((row) => row[head?.indexOf('miss_class') ?? -1]);
    expect(classes).toContain('ErrorUnschedulable');
    const history = read('history.ndjson');
    expect(history).not.toMatch(/"e":"step"[^\n]*"kind":"stop"/);
    expect(history).toContain('"neverBegun":[{"kind":"stop"');
  });
});

describe('clones that fall back to copies', () => {
  const steps = '[{ clone: { name: clones, image: rhel9, count: 12, wave: { size: 6 } } }]';

  test('are split from their arm, and the two add up', async () => {
    const file = scenario('split', steps, 'faults: { volumes: { copied: 0.5 } }');
    const { code, out, summary } = await run(file);
    expect(code).toBe(0);
    for (const source of ['pvc', 'snapshot']) {
      const own = ({ metric, dimensions }: MetricRecord) =>
        metric === 'clone' && dimensions.source === source;
      const [asked, copied] = summary.metrics.filter(own);
      expect(asked?.dimensions.path).toBeUndefined();
      expect(copied?.dimensions.path).toBe('copy');
      expect((asked?.n ?? 0) + (copied?.n ?? 0)).toBe(12);
      expect(asked?.warnings.join()).toContain(`${copied?.n} of 12 clones took another path`);
      // A copy moves every byte; it would have been the outlier of the arm.
      const fastest = copied?.min?.value ?? 0;
      if (source === 'snapshot') expect(fastest).toBeGreaterThan(asked?.max?.value ?? Infinity);
    }
    expect(summary.comparisons[0]?.ratioOfMeans).toBeDefined();
    expect(out).toContain('RHEL 9 snapshot via copy clone');
  });

  test('as a whole are compared to nothing', async () => {
    const file = scenario('whole', steps, 'faults: { volumes: { copied: 1 } }');
    const { out, summary } = await run(file);
    const [comparison] = summary.comparisons;
    expect(comparison?.ratioOfMeans).toBeUndefined();
    expect(comparison?.withheld).toMatch(/^pvc: all 12 clones .*; snapshot: all 12 clones /);
    expect(out).toContain('snapshot clones against PVC clones: not compared (pvc: all 12');
  });
});
