/**
 * Whole runs against what real servers answered: virt-api and virt-controller v1.6.2, and those of
 * main (d923fdb8) beside CDI 1.66.0 and its CSI sidecars, on Kubernetes 1.34.2, recorded by `npm run real -- --act recorded --record FILE`. Nothing here is simulated.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBench } from '../support/built-bench.ts';
import { replay } from '../support/replay-server.ts';
import { ROOT } from '../support/sources.ts';

const FIXTURES = join(ROOT, 'test/fixtures/real');

// Both mostly wait for clocks.
test.concurrent.each(['kubevirt-1.6.2', 'kubevirt-main'])(
  '%s: a run goes to its end on the answers of real controllers, and asks for nothing else',
  async (recorded) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-replay-'));
    const server = await replay(join(FIXTURES, `${recorded}-recorded.jsonl.gz`));
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    writeFileSync(kubeconfig, server.kubeconfigText);
    const scenario = join(FIXTURES, 'recorded.yaml');
    const to = [`--kubeconfig=${kubeconfig}`, `--results=${folder}`, '--run-id=recorded'];
    const run = startBench(
      ['run', scenario, ...to, '--progress=none', '--no-report', '--json'],
      folder,
    );
    const { code, out, err } = await run.done;
    await server.close();
    expect(server.strangers).toEqual([]);
    // 3: answers come at once, stamps are those of the recording, and the figures say so.
    expect([code, err]).toEqual([expect.toBeOneOf([0, 3]), expect.any(String)]);
    const { run: told, metrics } = JSON.parse(out) as Summary;
    expect(told.outcome).toBe('complete');
    for (const metric of ['clone', 'vmiRunning', 'guestReady', 'stop']) {
      const found = metrics.filter((each) => each.metric === metric);
      expect(found.length).toBeGreaterThan(0);
      for (const { n, reached } of found) expect(reached).toBe(n);
    }
    const starts = server.seen.filter(({ request }) => /PUT .*\/(start|stop)$/.test(request));
    expect(starts).toHaveLength(4);
    for (const { accept } of server.seen) expect(accept).toBe('application/json, */*');
    expect(readFileSync(kubeconfig, 'utf8')).toContain('replayed');
  },
);

interface Summary {
  readonly run: { readonly outcome: string };
  readonly metrics: readonly {
    readonly metric: string;
    readonly n: number;
    readonly reached: number;
  }[];
}
