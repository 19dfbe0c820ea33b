/** A scenario that runs programs: who has to allow it, and how one that fails is told of. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTEXT, simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { openInThread } from '../support/open-in-thread.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const FILE = join(ROOT, 'test/support/external.yaml');

test('nothing is made or run without a word, and validate and preflight name it', async () => {
  await withCluster(simulatedCluster, async ({ kubeconfig, requests, folder }) => {
    const there = ['--kubeconfig', kubeconfig, '--context', CONTEXT];
    const results = ['--results', join(folder, 'results')];
    const refused = await cli(['run', FILE, ...there, ...results], { openTarget: openInThread });
    expect(refused.code).toBe(64);
    expect(refused.err).toContain('runs node on this machine: allow that with --allow-exec');
    expect(requests).toEqual([]);
    const asked = ['--vary', 'steps.0.act.name=a,b', ...there, ...results];
    const studied = await cli(['study', FILE, ...asked], { openTarget: openInThread });
    expect(studied.code).toBe(64);
    expect(studied.err).toContain('runs node on this machine: allow that with --allow-exec');
    expect(requests).toEqual([]);
    const looked = await cli(['preflight', FILE, ...there], { openTarget: openInThread });
    expect(looked.out).toContain('node is run on this machine, where --allow-exec is given');
    const embedded = await cli(['run', FILE, '--allow-exec', ...results]);
    expect(embedded.code).toBe(64);
    expect(embedded.err).toContain('cannot reach the embedded cluster');
    expect((await cli(['validate', FILE])).out).toContain('ok (runs node: needs --allow-exec)');
  });
});

test('its exit code and its last words are those of the miss', async () => {
  await withCluster(
    simulatedCluster,
    async ({ kubeconfig, folder }) => {
      const results = join(folder, 'results');
      const fails = ['--set', 'steps.0.act.external.4="7"', '--run-id', 'r1', '--results', results];
      const argv = ['run', FILE, '--kubeconfig', kubeconfig, '--allow-exec', ...fails];
      const run = await cli(argv, { openTarget: openInThread });
      expect(run.code).not.toBe(0);
      const history = readFileSync(join(results, 'external/r1/history.ndjson'), 'utf8');
      const miss = history.split('\n').find((line) => line.includes('"e":"miss"')) ?? '{}';
      expect(JSON.parse(miss)).toMatchObject({
        how: 'failed',
        reason: 'ExternalFailed',
        message: 'node ended with code 7: no such node: worker-001',
      });
      expect(run.out).toContain('node ended with code 7');
    },
    { speed: 60 },
  );
});

test('one that ends well is all that is waited for, where nothing else is said', async () => {
  await withCluster(
    simulatedCluster,
    async ({ kubeconfig, folder }) => {
      const where = ['--kubeconfig', kubeconfig, '--results', join(folder, 'results')];
      const argv = ['run', FILE, '--allow-exec', '--run-id', 'r1', ...where];
      const run = await cli(argv, { openTarget: openInThread });
      expect(run.out).toMatch(/- external: \d/);
      expect(run.out).not.toContain('What missed');
    },
    { speed: 60 },
  );
});
