/** The command as a process of its own: worker thread, signals, kill -9. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/record/manifest.ts';
import { startBench } from '../support/built-bench.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { killAndResume } from '../support/kill-and-resume.ts';
import { ROOT } from '../support/sources.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');

test('a run watches from a worker, and ends in order when it is interrupted', () =>
  withCluster(
    simulatedCluster,
    async ({ kubeconfig, folder }) => {
      const argv = ['run', TINY, '--run-id', 's1', '--kubeconfig', kubeconfig, '--no-report'];
      const running = startBench([...argv, '--progress', 'json'], folder);
      await running.told('boot rhel9');
      running.process.kill('SIGINT');
      const { code, out, err } = await running.done;
      expect(out.replace(/\s+/g, ' ')).toContain('PARTIAL: interrupted');
      expect(err.indexOf('results:')).toBeLessThan(err.indexOf('cleaning up'));
      expect(err).toContain('nothing is left');
      expect(code).toBe(130);
      const path = join(folder, 'results/tiny/s1/manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
      // A list and a watch for each of six kinds, on a connection each.
      expect(manifest.finished?.traffic?.watchRequests).toBeGreaterThanOrEqual(12);
      expect(manifest.finished?.traffic?.watchConnections).toBeLessThanOrEqual(12);
    },
    { speed: 20 },
  ));

test.each([0, 1])('killed with SIGKILL and resumed, seed %i', async (seed) => {
  const survival = await killAndResume(seed);
  expect(survival).toMatchObject({
    operations: 16,
    misses: [],
    createdTwice: [],
    left: [],
  });
  // Where the machine was too busy for such a speed, the figures are said to be doubtful: 3.
  expect([0, 3]).toContain(survival.resumed.code);
});
