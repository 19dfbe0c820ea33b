/**
 * A run that observed a load of others, in virtual time beside the run that made the load: the same spans to
 * the microsecond, and a run like others to every command that takes one.
 */

import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/analyse/analysis.ts';
import type { Run } from '../../src/record/run.ts';
import { type Evaluation, evaluate, measure, observe, OBSERVED } from '../../src/benchmark.ts';
import { askedByScope } from '../../src/run/observe-scope.ts';
import { openManifest } from '../../src/run/open-manifest.ts';
import { openTarget } from '../../src/cli/target.ts';
import { MINUTE, SECOND } from '../../src/core/duration.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import { OBSERVED_KINDS } from '../../src/observe/kinds.ts';
import { createRunFolder, type RunFolder } from '../../src/record/layout.ts';
import { renderTables } from '../../src/report/terminal.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { ROOT } from '../support/sources.ts';
import { cli } from './harness.ts';

const LOOKOUT = {
  selector: 'bench.kubevirt.io/run=load',
  namespace: undefined,
  kinds: OBSERVED_KINDS.map(({ resource }) => resource.plural),
  imageLabel: undefined,
  timeoutUs: 15 * MINUTE,
  waveGapUs: 5 * SECOND,
  durationUs: undefined,
  idleUs: undefined,
};

const HOST = {
  argv: ['observe', '--selector', LOOKOUT.selector],
  env: {},
  version: '0.0.0-test',
  out: { isTty: false, columns: 100, write: () => {} },
  err: { isTty: false, columns: 100, write: () => {} },
  clock: createKernel(),
  interrupt: new AbortController().signal,
  ask: async () => undefined,
  launch: async () => ({ code: 1, lastWords: 'no processes here' }),
  facts: () => ({ bench: '0', node: '0', platform: 'test', cpus: 1, memoryBytes: 1 }),
  rssMaxBytes: () => 1,
};

function findFolder(results: string, scenario: string, runId: string): RunFolder {
  const created = createRunFolder(results, scenario, runId);
  if (created.kind !== 'created') throw new Error(created.kind);
  return created.folder;
}

/** Makes the load of tiny.yaml on the embedded cluster, and looks on at it meanwhile. */
async function driveAndObserve(results: string) {
  const loaded = loadScenario(join(ROOT, 'test/support/tiny.yaml'), []);
  if (!('scenario' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const [driven, observed] = [
    findFolder(results, 'tiny', 'load'),
    findFolder(results, OBSERVED, 'o1'),
  ];
  const { open, environment } = await openTarget(loaded.scenario, { seed: 1 });
  const setting = open();
  const inside = { ...setting, during: <T>(main: () => Promise<T>) => main() };
  const facts = { target: 'simulated', seed: 1, environment, connection: undefined } as const;
  const asked = askedByScope(LOOKOUT);
  const manifest = openManifest(HOST, asked, observed, { ...facts, pseudonymise: false });
  const over = new AbortController();
  const { counters: _, ...apart } = { ...inside, rng: setting.rng.fork('looking on') };
  const main = async () => {
    const looking = observe(LOOKOUT, observed, { ...apart, signal: over.signal });
    await measure(loaded.scenario, driven, inside);
    over.abort();
    return looking;
  };
  manifest.finish(await setting.during(main, () => 'both'));
  return { driven: evaluate(driven), observed: evaluate(observed) };
}

let results = '';
let both: Awaited<ReturnType<typeof driveAndObserve>>;

beforeAll(async () => {
  results = join(mkdtempSync(join(tmpdir(), 'bench-')), 'results');
  both = await driveAndObserve(results);
});

/** Lengths by metric and object. */
function spans({ run }: Evaluation): ReadonlyMap<string, unknown> {
  return new Map(
    analyse(run).spans.flatMap(({ metric, object, outcome }) =>
      object === undefined ? [] : [[`${metric} ${getUid(run, object)}`, outcome]],
    ),
  );
}

function getUid({ objects }: Run, object: number): string {
  return objects.uidOf(object);
}

describe('looking on', () => {
  test('gives the spans that the driving run has, to the microsecond', () => {
    // Who looks on sees no requests.
    const own = [...spans(both.driven)].filter(([key]) => !/Response|acknowledged/.test(key));
    expect(own).toHaveLength(1 + 1 + 6 + 4 + 2 * 4);
    expect(new Map(spans(both.observed))).toEqual(new Map(own));
  });

  test('records itself what it was not told: cross-checks, stages, paths', () => {
    const { crossChecks, stages, validity } = both.observed.summary;
    expect(crossChecks.every(({ agrees }) => agrees)).toBe(true);
    expect(crossChecks.map(({ n }) => n).reduce((a, b) => a + b)).toBe(1 + 6 + 4 + 2 * 4);
    expect(stages.length).toBeGreaterThan(0);
    expect(validity).toMatchObject({ valid: true, planned: 16, sent: 16 });
  });

  test('waves of boots are told apart from waves of clones of their image', () => {
    const { summary } = both.observed;
    const text = renderTables(summary, { width: 200 });
    expect(text).toContain('Slowest of 2 rhel9-image VMs released together, guest ready: ');
  });

  test('names no seed: nothing had one', () => {
    expect(renderTables(both.observed.summary)).toMatch(/^observe, run o1: complete and valid\n/);
    expect(renderTables(both.driven.summary)).toMatch(
      /^tiny, run load, seed 1: complete and valid\n/,
    );
  });

  test('the same load gives the same history', async () => {
    const again = join(mkdtempSync(join(tmpdir(), 'bench-')), 'results');
    await driveAndObserve(again);
    const history = (at: string) => readFileSync(join(at, 'observe/o1/history.ndjson'), 'utf8');
    expect(history(again)).toBe(history(results));
  });
});

describe('the run is taken by', () => {
  const own = () => ['--results', results];

  test('report', async () => {
    const reports = join(results, '../reports');
    const { code } = await cli(['report', 'o1', ...own(), '--reports', reports]);
    expect(code).toBe(0);
    const page = readFileSync(join(reports, 'observe/o1/index.html'), 'utf8');
    expect(page).toContain(`selector: ${LOOKOUT.selector}`);
    expect(page).not.toContain('own delay');
    expect(page).not.toContain('<td>seed</td>');
  });

  test('compare', async () => {
    const compared = await cli(['compare', 'o1', 'o1', ...own()]);
    expect(compared.out).toContain('clone');
    expect(compared.code).toBe(0);
  });

  test.each(['kube-burner', 'openmetrics', 'chrome-trace', 'csv', 'junit'])(
    'export to %s',
    async (format) => {
      const exported = await cli(['export', 'o1', '--format', format, ...own()]);
      expect(exported.code).toBe(0);
      expect(exported.out).toContain('observe');
    },
  );

  test('gate, and trend over its nights', async () => {
    const history = join(results, '../nights');
    const gated = await cli(['gate', 'o1', '--history', history, ...own()]);
    expect(gated.out).toContain('LEARNING');
    expect(gated.code).toBe(0);
    expect(existsSync(history)).toBe(true);
    expect((await cli(['trend', history])).code).toBe(0);
  });
});
