/** `bench preflight`: what it prints, in which form, and with which exit code. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingCounts, findingLines } from '../../src/run/preflight-table.ts';
import { openTarget } from '../../src/cli/target.ts';
import { fail, type Finding, pass, warn } from '../../src/cluster/check.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

const FINDINGS = [
  pass('nodes', '6 ready'),
  warn('clock', '9 s apart', 'synchronise the clocks'),
  fail('storage class', 'there is none', 'name another'),
];

describe('the table of findings', () => {
  test('has a line a finding, and beneath it what to do', () => {
    expect(findingLines(FINDINGS)).toEqual([
      'pass  nodes          6 ready',
      'WARN  clock          9 s apart',
      '                     -> synchronise the clocks',
      'FAIL  storage class  there is none',
      '                     -> name another',
    ]);
    expect(findingLines([])).toEqual([]);
  });

  test.each([
    [FINDINGS, 'preflight: 1 passed, 1 warning, 1 failed'],
    [FINDINGS.slice(0, 1), 'preflight: 1 passed'],
    [[...FINDINGS, ...FINDINGS], 'preflight: 2 passed, 2 warnings, 2 failed'],
  ])('is counted', (findings, text) => {
    expect(findingCounts(findings)).toBe(text);
  });
});

describe('bench preflight', () => {
  test('needs a cluster to be named', async () => {
    const { code, err } = await cli(['preflight', TINY], { openTarget });
    expect(code).toBe(64);
    expect(err).toContain('name a cluster');
  });

  test('says the same as a table and as JSON, and by its exit code', () =>
    withCluster(simulatedCluster, async ({ kubeconfig, requests }) => {
      const preflight = (...more: readonly string[]) =>
        cli(['preflight', TINY, '--kubeconfig', kubeconfig, ...more], { openTarget });
      const table = await preflight();
      expect(table.code).toBe(0);
      expect(table.out).toMatch(/^pass {2}permissions +\d+ rights are there$/m);
      const wrong = ['--set', 'storage.class=other'];
      const json = await preflight('--json', ...wrong);
      expect(json.code).toBe(64);
      const findings = JSON.parse(json.out) as readonly Finding[];
      expect(findings.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
        { check: 'storage class', remedy: expect.stringContaining('one of: ocs-storage') },
      ]);
      const again = await preflight(...wrong);
      expect(again.out).toContain(findingCounts(findings));
      expect(again.code).toBe(64);
      const kept = requests.filter((request) => /^(PUT|PATCH|DELETE)/.test(request));
      expect(kept).toEqual([]);
    }));

  test('takes warnings for failures where one is strict', () =>
    withCluster(simulatedCluster, async ({ kubeconfig, server }) => {
      const labels = { 'bench.kubevirt.io/run': 'old' };
      const metadata = { name: 'bench-old', labels };
      server.seed({ apiVersion: 'v1', kind: 'Namespace', metadata });
      const argv = ['preflight', TINY, '--kubeconfig', kubeconfig];
      const lenient = await cli(argv, { openTarget });
      expect(lenient.out).toContain('WARN  leftovers');
      expect(lenient.code).toBe(0);
      expect((await cli([...argv, '--strict'], { openTarget })).code).toBe(64);
    }));
});
