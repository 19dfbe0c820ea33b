/**
 * The same scenario on the embedded cluster and over HTTPS at 10 times the speed of the wall clock:
 * the same order statistics, but for what the machine was late, as both processes say of themselves.
 * Faster would leave no room for others: a hundredth of a second is a tenth of a simulated one here.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtMain, startBench } from '../../support/built-bench.ts';
import { rawRequest } from '../../support/kubeconfig-client.ts';
import { ROOT } from '../../support/sources.ts';

const SCENARIO = `name: pace
storage:
  class: ocs-storagecluster-ceph-rbd-virtualization
  snapshotClass: ocs-storagecluster-rbdplugin-snapclass
images:
  rhel9:
    import: { url: "http://images.example/rhel9_uefi.qcow2" }
    size: 22Gi
templates:
  rhel9: { file: ${join(ROOT, 'scenarios/templates/rhel9.yaml')} }
steps:
  - deploy: { template: rhel9, count: 40, wave: { size: 10 } }
  - boot: { template: rhel9, wave: { size: 10, until: guestReady } }
simulation:
  nodes: { count: 20 }
  images: { rhel9: { guest: rhel9, data: 4377Mi } }
`;

interface Summary {
  readonly run: { readonly target: string };
  readonly metrics: readonly {
    readonly metric: string;
    readonly n: number;
    readonly reached: number;
    readonly min: { readonly value: number };
    readonly max: { readonly value: number };
  }[];
  readonly validity: { readonly maxSendLag: number };
}

const METRICS = ['clone', 'guestReady'];

const SPEED = 10;
const ATTEMPTS = 3;
/** Simulated seconds. */
const LATE = 2;

test('the run over HTTPS at --speed 10 gives what the embedded run gives', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const scenario = join(folder, 'pace.yaml');
  writeFileSync(scenario, SCENARIO);
  const run = async (id: string, ...more: readonly string[]) => {
    const common = ['--results', folder, '--run-id', id, '--no-report', '--progress', 'none'];
    const { err } = await startBench(['run', scenario, ...common, ...more], folder).done;
    const file = join(folder, 'pace', id);
    try {
      return {
        summary: JSON.parse(readFileSync(join(file, 'summary.json'), 'utf8')) as Summary,
        samples: collectSamples(readFileSync(join(file, 'samples.csv'), 'utf8')),
      };
    } catch {
      throw new Error(err);
    }
  };
  const near = await run('near');
  const inTime: unknown[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { kubeconfig, pace, stop } = await serve(folder, scenario);
    const far = await run(`far-${attempt}`, '--kubeconfig', kubeconfig, '--yes');
    const { speed, worstLagSeconds } = await pace();
    expect(speed).toBe(SPEED);
    const late = far.summary.validity.maxSendLag;
    await stop();
    expect(far.summary.run.target).toBe('simulated');
    for (const metric of METRICS) {
      expect(far.samples.get(metric)).toHaveLength(near.samples.get(metric)?.length ?? 0);
    }
    const apart = METRICS.flatMap((metric) =>
      [0.1, 0.5, 0.9].flatMap((share) => {
        const { latest: expected } = orderStatistic(near.samples.get(metric), share);
        const { earliest, latest } = orderStatistic(far.samples.get(metric), share);
        const margin = 0.15 * expected + 1 + late;
        const isNear = earliest - margin < expected && expected < latest + margin;
        return isNear ? [] : [{ metric, share, expected, earliest, latest }];
      }),
    );
    if (apart.length === 0) return;
    // Of a cluster that was late itself, nothing follows from a difference.
    if (worstLagSeconds < LATE) inTime.push(apart);
  }
  // A fault of ours is there each time; what holds a process up for a fifth of a second is not.
  if (inTime.length > 1) expect(inTime).toEqual([]);
  process.stderr.write(`\nSKIPPED: this machine is too busy to keep up with --speed ${SPEED}\n\n`);
});

async function serve(folder: string, scenario: string) {
  const kubeconfig = join(folder, 'kubeconfig');
  const options = [
    '--scenario',
    scenario,
    '--speed',
    String(SPEED),
    '--write-kubeconfig',
    kubeconfig,
  ];
  const child = spawn(process.execPath, [builtMain(), 'cluster', ...options]);
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('kubectl get nodes')) resolve();
    });
  });
  return {
    kubeconfig,
    async pace() {
      const { text } = await rawRequest(kubeconfig, { path: '/bench/pace' });
      return JSON.parse(text) as { readonly speed: number; readonly worstLagSeconds: number };
    },
    stop: () =>
      new Promise<void>((resolve) => {
        child.on('close', () => resolve());
        child.kill('SIGINT');
      }),
  };
}

/** Seconds. Where a watch was late, `earliest` is before `latest`, when the event was seen. */
interface Bounds {
  readonly earliest: number;
  readonly latest: number;
}

/** By metric. */
function collectSamples(csv: string): ReadonlyMap<string, readonly Bounds[]> {
  const [head = '', ...rows] = csv.trim().split('\n');
  const columns = head.split(',');
  const at = (name: string) => columns.indexOf(name);
  const samples = new Map<string, Bounds[]>();
  for (const row of rows) {
    const cells = row.split(',');
    const metric = cells[at('metric')] ?? '';
    const list = samples.get(metric) ?? [];
    samples.set(metric, list);
    const latest = cells[at('latency_s')] ?? '';
    list.push({ earliest: Number(cells[at('latency_from_s')] || latest), latest: Number(latest) });
  }
  return samples;
}

/** Of each bound on its own, as the report takes them. */
function orderStatistic(samples: readonly Bounds[] | undefined, share: number): Bounds {
  const of = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
  return {
    earliest: of((samples ?? []).map(({ earliest }) => earliest)),
    latest: of((samples ?? []).map(({ latest }) => latest)),
  };
}
