/** `bench capacity`: the answer, its limits with arithmetic, and what cannot be answered. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { simulatedCluster, withCluster } from '../support/https-cluster.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const FOUR_HUNDRED = ['steps.0.deploy.count=400', 'steps.1.boot.count=400'];

async function capacity(...more: readonly string[]) {
  const { code, out, err } = await cli(['capacity', ...more, '--json'], { openTarget });
  return { code, err, answer: code === 0 ? JSON.parse(out) : undefined };
}

const twoDisk = (...more: readonly string[]) =>
  capacity('scenarios/two-disk.yaml', ...FOUR_HUNDRED.flatMap((it) => ['--set', it]), ...more);

describe('bench capacity', () => {
  test('packs by node: 324 of 400 VMs of 128 GiB, memory first', async () => {
    const { answer } = await twoDisk();
    expect(answer).toMatchObject({
      schema: 'bench/capacity/v1',
      asked: 400,
      fits: 324,
      most: 324,
      nodes: { there: 108, lost: 0, toSpare: 0 },
    });
    expect(answer.limits[0]).toMatchObject({ name: 'memory', allows: 324, kind: 'hard' });
    expect(answer.limits[0].arithmetic).toContain('108 nodes, 3 a node');
    expect(answer.limits.map(({ name }: { name: string }) => name)).toContain('VMs a cluster');
  });

  test('takes lost nodes away, and says how many may be lost', async () => {
    expect((await twoDisk('--lose', '2')).answer).toMatchObject({ fits: 318, nodes: { lost: 2 } });
    const { answer } = await capacity('scenarios/two-disk.yaml');
    // 300 VMs, three a node: 100 nodes.
    expect(answer).toMatchObject({ fits: 300, nodes: { toSpare: 8 } });
  });

  test('of a mix keeps the proportions, and overcommit and ratio move what they should', async () => {
    const mix = 'scenarios/10k-mixed.yaml';
    const usual = (await capacity(mix)).answer;
    const denser = (await capacity(mix, '--memory-overcommit', '150')).answer;
    const fewer = (await capacity(mix, '--cpu-ratio', '4')).answer;
    const allows = (answer: typeof usual, name: string) =>
      answer.limits.find((limit: { name: string }) => limit.name === name).allows;
    expect(usual.most).toBeGreaterThan(12_000);
    expect(denser.most / usual.most).toBeGreaterThan(1.35);
    const ratio = allows(usual, 'CPU requests') / allows(fewer, 'CPU requests');
    expect(ratio).toBeGreaterThan(2.3);
    expect(ratio).toBeLessThan(2.6);
    for (const { limits, most } of [usual, denser, fewer]) {
      const hard = limits.filter(({ kind }: { kind: string }) => kind !== 'tested');
      const narrowest = Math.min(...hard.map((limit: { allows: number }) => limit.allows));
      // All together may hold a little less than the narrowest alone, and never more.
      expect(most).toBeLessThanOrEqual(narrowest);
      expect(most).toBeGreaterThan(0.99 * narrowest);
    }
  });

  test('knows storage from a run alone', async () => {
    const results = temporaryFolder();
    await cli(['run', TINY, '--results', results, '--run-id', 'r1'], { openTarget });
    const before = (await capacity(TINY)).answer;
    expect(before.unknown).toMatchObject([{ name: 'storage' }]);
    const { answer } = await capacity(TINY, '--run', 'r1', '--results', results);
    const storage = answer.limits.find(({ name }: { name: string }) => name === 'storage');
    expect(storage.source).toContain('measured in run r1');
    expect(storage.arithmetic).toContain('313 TiB raw x 0.85');
    expect(storage.allows).toBeGreaterThan(1000);
    expect(answer.unknown).toEqual([]);
  });

  test('refuses what makes no sense', async () => {
    expect(await twoDisk('--lose', '108')).toMatchObject({ code: 64 });
    expect(await twoDisk('--cpu-ratio', '0')).toMatchObject({ code: 64 });
    expect((await twoDisk('--run', 'nowhere')).err).toContain("no run 'nowhere'");
  });

  test('of a served cluster says the same as of the embedded one', () =>
    withCluster(simulatedCluster, async ({ kubeconfig }) => {
      const served = await capacity(TINY, '--kubeconfig', kubeconfig);
      expect(served.code).toBe(0);
      expect(served.answer.fits).toBe(served.answer.asked);
    }));

  test('leads with the answer', async () => {
    const { out } = await cli(['capacity', TINY], { openTarget });
    expect(out.split('\n')[0]).toMatch(/^tiny on 108 nodes .*: all 4 VMs fit; at most /);
    expect(out).toContain('Nodes that may be lost: 107');
  });
});
