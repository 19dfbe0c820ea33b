/**
 * How long a plan lasts by arithmetic: against what the simulated cluster then takes, and what
 * moves it.
 */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRun } from '../../src/analyse/open-run.ts';
import { openTarget } from '../../src/cli/target.ts';
import { MINUTE, SECOND, toSeconds } from '../../src/core/duration.ts';
import { resolveParameters } from '../../src/parameters/parameters.ts';
import { createFlattening } from '../../src/plan/expected/flattening.ts';
import { createModel } from '../../src/plan/expected/model.ts';
import { throughBucket, throughBucketAgain } from '../../src/plan/expected/stations.ts';
import { cli, temporaryFolder } from '../cli/harness.ts';

interface Told {
  readonly seconds: number;
  readonly unmeasured: readonly string[];
}

async function lasts(scenario: string, ...set: readonly string[]): Promise<Told | undefined> {
  const overrides = set.flatMap((each) => ['--set', each]);
  const { out } = await cli(['plan', scenario, '--json', ...overrides]);
  return JSON.parse(out).lasts;
}

const waves = (kind: string, step: number, size: number) => [
  `steps.${step}.${kind}.wave.size=${size}`,
];

describe('against the simulated cluster', () => {
  test.each([
    ['smoke'],
    ['restart', 'steps.0.deploy.count=20', 'steps.2.act.wave.size=10'],
    ['migrate', 'steps.0.deploy.count=20', 'steps.2.apply.count=20'],
    ['hotplug', 'steps.0.deploy.count=25', 'steps.2.apply.count=25'],
    ['expand-volume', 'steps.0.deploy.count=25'],
    [
      'boot-windows11',
      'steps.0.deploy.count=50',
      ...waves('deploy', 0, 50),
      ...waves('boot', 1, 50),
    ],
    [
      'two-disk',
      'steps.0.deploy.count=30',
      ...waves('deploy', 0, 30),
      'steps.1.boot.count=30',
      ...waves('boot', 1, 30),
    ],
    ['clone-pvc-vs-snapshot', 'steps.0.clone.count=50'],
    ['drain', 'steps.0.deploy.count=20'],
    ['node-failure', 'steps.0.deploy.count=12'],
    ['power-loss', 'steps.0.deploy.count=60', 'simulation.nodes.count=10'],
    ['vm-snapshot', 'steps.0.deploy.count=10', 'steps.2.apply.count=10', 'steps.4.apply.count=10'],
  ])('%s lasts what the arithmetic says, within a quarter', async (scenario, ...set) => {
    const expected = await lasts(scenario, ...set);
    const results = temporaryFolder();
    const asked = [
      '--results',
      results,
      '--run-id',
      'r',
      ...set.flatMap((each) => ['--set', each]),
    ];
    await cli(['run', scenario, ...asked], { openTarget });
    const { end } = openRun(join(results, scenario, 'r/history.ndjson'));
    const ratio = (expected?.seconds ?? 0) / toSeconds(end?.t ?? 0);
    expect(expected?.unmeasured).toEqual([]);
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
  });
});

describe('the arithmetic goes by the constants', () => {
  const own = (...set: readonly string[]) => lasts('boot-rhel9', ...set);

  test('of the scenario', async () => {
    const [plain, quick] = [await own(), await own('simulation.attacher.qps=50')];
    // Ten waves of boots wait for the attacher, a second for each five.
    expect((plain?.seconds ?? 0) - (quick?.seconds ?? 0)).toBeGreaterThan(100);
  });

  test('of the release: a later CDI lets clones of a claim in more quickly', async () => {
    const clones = (release: string) =>
      lasts(
        'smoke',
        'steps.0.clone.sources=[pvc]',
        'steps.0.clone.count=100',
        'steps.0.clone.wave.size=50',
        'simulation.monitor.proposeInterval=1ms',
        `simulation.release=${release}`,
      );
    const [earlier, later] = [await clones('ocp-4.15'), await clones('upstream-2026-08')];
    // A request less for each of a hundred clones, of five a second.
    expect((earlier?.seconds ?? 0) - (later?.seconds ?? 0)).toBeGreaterThan(15);
  });
});

describe('what it cannot tell', () => {
  const answer = async (scenario: string, ...set: readonly string[]) => {
    const overrides = set.flatMap((each) => ['--set', each]);
    const { out } = await cli(['plan', scenario, ...overrides], { columns: 200 });
    return out.split('\n').find((line) => line.startsWith('Lasts')) ?? '';
  };

  const OTHER_FIELDS = [
    'steps.2.apply.until.1.jsonpath="{.status.phase}=Succeeded"',
    'steps.4.apply.until.1.jsonpath="{.status.restoreTime}"',
  ];

  test('is named, and the rest is the least of it', async () => {
    const text = await answer('vm-snapshot', ...OTHER_FIELDS);
    expect(text).toMatch(/at least 2\.\d min, by the constants of the simulated cluster, without/);
    expect(text).toContain('without snapshot and restore, of which they say nothing;');
  });

  test('each step that is known is told, roughly, and those that are not are left open', async () => {
    const set = OTHER_FIELDS.flatMap((each) => ['--set', each]);
    const { out } = await cli(['plan', 'vm-snapshot', ...set], { columns: 200 });
    const row = (start: string) => out.split('\n').find((line) => line.startsWith(start));
    expect(row('3 boot ')).toMatch(/ \d\d s /);
    expect(row('4 snapshot ')).toContain('apply');
    expect(row('4 snapshot ')).not.toMatch(/\d (s|min) /);
  });

  test('a step is never taken for another one of its kind', async () => {
    const other = 'steps.3.act.until.jsonpath="{.status.phase}=Failed"';
    expect((await lasts('drain', other))?.unmeasured).toEqual(['drain', 'empty']);
  });

  test('nor when VMs come back from a dead node that nobody gives up', async () => {
    const on = 'on: {kind: Node, name: worker-001}';
    const watch = `{name: fence, ${on}, watch: true, until: {condition: Ready=Unknown}}`;
    const { unmeasured } = (await lasts('node-failure', `steps.2.together.3.act=${watch}`)) ?? {};
    expect(unmeasured).toEqual(['failover']);
  });

  test('waves that are too large to be let in make it the least, too', async () => {
    expect(await answer('clone-pvc-vs-snapshot')).toContain('about');
    expect(await answer('clone-pvc-vs-snapshot', 'steps.0.clone.wave.size=200')).toContain(
      'at least',
    );
  });

  test('and of a cluster without Ceph nothing is said but the schedule', async () => {
    expect(await lasts('lab-odf')).toBeUndefined();
    expect(await answer('lab-odf')).toContain('what the operations take');
  });
});

describe('stations', () => {
  const limit = { qps: 5, burst: 2 };

  test('a bucket gives its burst at once and then its rate, in the order of asking', () => {
    const times = throughBucket([0, 0, 0, 0, SECOND], limit, 1);
    expect(times.map(toSeconds)).toEqual([0, 0, 0.2, 0.4, 1]);
  });

  test('who asks again stands behind all who have asked before', () => {
    const [first = [], second = []] = throughBucketAgain([0, 0, 0], limit, [0]);
    expect(first.map(toSeconds)).toEqual([0, 0, 0.2]);
    expect(second.map(toSeconds)).toEqual([0.4, 0.6, 0.8].map((each) => expect.closeTo(each, 9)));
  });
});

describe('flattening', () => {
  const image = { sizeBytes: 100 * 4 * 2 ** 20, dataBytes: 100 * 4 * 2 ** 20 };
  // 100 objects of 75 ms, ten at a time.
  const eachUs = 0.75 * SECOND;
  const parameters = resolveParameters({ rbd: { softSnapshots: 10, hardSnapshots: 20 } });

  test('is waited for once the hard limit is met', () => {
    const flattening = createFlattening(image, createModel(parameters));
    expect(flattening.clone(9, SECOND)).toBe(SECOND);
    expect(flattening.clone(9, SECOND)).toBe(SECOND);
    // Of 18 snapshots one was flattened, and 31 of 20 + 1 were to go.
    expect(flattening.clone(30, SECOND)).toBeGreaterThan(20 * eachUs);
  });

  test('and goes on meanwhile', () => {
    const flattening = createFlattening(image, createModel(parameters));
    flattening.clone(30, SECOND);
    flattening.pass(MINUTE);
    expect(flattening.clone(20, SECOND)).toBe(SECOND);
  });
});
