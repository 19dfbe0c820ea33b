import { describe, expect, test } from 'vitest';
import {
  type ComparisonRow,
  compareRuns,
  type RunComparison,
} from '../../src/compare/compare-runs.ts';
import { changedFacts, fingerprintDifferences } from '../../src/compare/fingerprint.ts';
import { createRng } from '../../src/core/rng.ts';
import { type Manifest, MANIFEST_SCHEMA } from '../../src/record/manifest.ts';
import type { Run } from '../../src/record/run.ts';
import { renderComparison } from '../../src/report/comparison-table.ts';
import { history } from '../support/history.ts';

interface Campaign {
  readonly mean: number;
  readonly seed?: number;
  readonly waves?: number;
  /** Share of the clones that are given up. */
  readonly missing?: number;
  readonly source?: string;
  /** Clones in each wave; one number for all, or one for each. */
  readonly size?: number | readonly number[];
  /** Share of the clones that take `tail` times as long. */
  readonly tail?: { readonly share: number; readonly factor: number };
}

/** Waves of clones around the mean, each wave with its own weather. */
function campaign({
  mean,
  seed = 1,
  waves = 20,
  missing = 0,
  source = 'pvc',
  size = 10,
  tail,
}: Campaign): Run {
  const rng = createRng(seed);
  const draft = history({ target: 'simulated', seed });
  const variants = [{ image: 'rhel9', source }];
  const until = 'dataVolumeSucceeded';
  const step = draft.step({ kind: 'clone', name: 'clones', variants, until });
  for (let wave = 0; wave < waves; wave++) {
    const at = wave * 1000;
    const weather = rng.gamma(1, 0.03);
    const clones = typeof size === 'number' ? size : (size[wave] ?? 0);
    draft.wave({ step, wave, at, n: clones });
    for (let i = 0; i < clones; i++) {
      const isSlow = tail !== undefined && rng.next() < tail.share;
      const length = mean * weather * rng.gamma(1, 0.1) * (isSlow ? tail.factor : 1);
      const name = `c-${wave}-${i}`;
      if (rng.next() >= missing) {
        draft.clone({ step, wave, name, seen: at, succeeded: at + length });
      } else {
        const { operation } = draft.clone({ step, wave, name, seen: at });
        draft.miss(operation, at + 900, 'censored');
      }
    }
  }
  draft.end(waves * 1000);
  return draft.run();
}

function makeRows(base: Campaign, head: Campaign): readonly ComparisonRow[] {
  return comparisonOf(base, head).rows;
}

function comparisonOf(base: Campaign, head: Campaign): RunComparison {
  const [left, right] = [campaign(base), campaign(head)];
  return compareRuns({ run: left, manifest: undefined }, { run: right, manifest: undefined });
}

/** Enough that even p99 is known to a few per cent. */
const LARGE = { waves: 60, size: 100 };
const ALIKE = comparisonOf({ mean: 30, ...LARGE }, { mean: 30, seed: 2, ...LARGE });

function clone(rows: readonly ComparisonRow[], measure = 'latency'): ComparisonRow | undefined {
  return rows.find((row) => row.metric === 'clone' && row.measure === measure);
}

describe('two runs', () => {
  test('of one mean are unchanged', () => {
    const row = clone(ALIKE.rows);
    expect(row?.verdict).toBe('unchanged');
    const told = row?.statistics.map(({ statistic }) => statistic);
    expect(told).toEqual(['p50', 'mean', 'p95', 'p99']);
  });

  test('of which a tenth of head takes five times as long are worse, median or not', () => {
    const head = { mean: 30, seed: 2, size: 40, tail: { share: 0.1, factor: 5 } };
    const comparison = comparisonOf({ mean: 30, size: 40 }, head);
    const row = clone(comparison.rows);
    expect(row?.ratioOfMedians?.value).toBeGreaterThan(0.95);
    const verdicts = row?.statistics.map(({ statistic, verdict }) => [statistic, verdict]);
    expect(verdicts).toEqual([
      ['p50', 'unchanged'],
      ['mean', 'worse'],
      ['p95', 'worse'],
    ]);
    expect(row?.verdict).toBe('worse');
    const text = renderComparison(comparison);
    expect(text).toMatch(/Worse: .*RHEL 9 PVC clone .*p95 [\d.]+ -> 1[\d.]+ s \(\+\d/);
    expect(text).toContain('median unchanged');
    expect(text).toMatch(/RHEL 9 PVC clone .* worse: mean, p95\n/);
  });

  test('that lose clones are not better by the mean of those that are left', () => {
    const slow = { share: 0.1, factor: 40 };
    const rows = makeRows({ mean: 30, tail: slow }, { mean: 30, missing: 0.1, seed: 2 });
    const mean = clone(rows)?.statistics.find(({ statistic }) => statistic === 'mean');
    expect(mean?.change).toBeLessThan(-0.5);
    expect(mean?.verdict).toBe('inconclusive');
  });

  test('of which head is slower by a fifth: worse, and by how much', () => {
    const row = clone(makeRows({ mean: 30 }, { mean: 36, seed: 2 }));
    expect(row).toMatchObject({ verdict: 'worse', measure: 'latency' });
    expect(row?.change).toBeCloseTo(0.2, 1);
    expect(row?.ratioOfMedians?.value).toBeLessThan(1);
    expect(row?.q).toBeLessThan(0.01);
    expect(row?.shift).toBeCloseTo(6, 0);
  });

  test('of which head is faster: better', () => {
    const row = clone(makeRows({ mean: 36 }, { mean: 30, seed: 2 }));
    expect(row).toMatchObject({ verdict: 'better', direction: 'lowerIsBetter' });
  });

  test('of few waves are inconclusive, however far apart', () => {
    const row = clone(makeRows({ mean: 30, waves: 3 }, { mean: 60, seed: 2, waves: 3 }));
    expect(row?.verdict).toBe('inconclusive');
    expect(row?.warnings.join()).toMatch(/need >= 8 waves/);
  });

  test('of which head loses clones are worse in success though not in latency', () => {
    const rows = makeRows({ mean: 30 }, { mean: 30, seed: 2, missing: 0.2 });
    expect(clone(rows, 'success')).toMatchObject({
      verdict: 'worse',
      direction: 'higherIsBetter',
      means: { baseline: 1 },
    });
    expect(clone(rows)?.verdict).not.toBe('better');
  });

  test('of which head never gets there are worse without a ratio', () => {
    const row = clone(makeRows({ mean: 30 }, { mean: 30, seed: 2, missing: 1 }));
    expect(row?.ratioOfMedians).toBeUndefined();
    expect(row?.verdict).toBe('worse');
  });

  test('are one family: q is never below p', () => {
    for (const { statistics } of makeRows({ mean: 30 }, { mean: 31, seed: 2 })) {
      for (const { q, p } of statistics) {
        if (q !== undefined) expect(q).toBeGreaterThanOrEqual(p);
      }
    }
  });

  test('rows that can get no verdict take no part in the correction', () => {
    const alone = clone(makeRows({ mean: 30, waves: 1 }, { mean: 36, seed: 2, waves: 1 }));
    expect(alone?.q).toBeUndefined();
    expect(alone?.verdict).toBe('inconclusive');
    const few = makeRows({ mean: 30, waves: 4 }, { mean: 36, seed: 2, waves: 4 });
    expect(few.every(({ q }) => q === undefined)).toBe(true);
  });

  test('waves of different sizes are compared size by size, or not at all', () => {
    const mixed = [
      ...Array.from({ length: 10 }, () => 10),
      ...Array.from({ length: 10 }, () => 20),
    ];
    const { rows, unmatched } = comparisonOf(
      { mean: 30, size: mixed },
      { mean: 36, seed: 2, size: 20 },
    );
    const sizes = rows.map(({ metric, waveSize }) => `${metric} ${waveSize}`);
    expect(sizes).toContain('waveClone 20');
    expect(sizes).toContain('clone 20');
    expect(unmatched.every(({ waveSize, onlyIn }) => waveSize === 10 && onlyIn === 'base')).toBe(
      true,
    );
    const none = comparisonOf({ mean: 30, size: 10 }, { mean: 30, seed: 2, size: 20 });
    expect(none.rows).toEqual([]);
    expect(renderComparison(none)).toContain('waves of 10 only in base');
  });

  test('of the same mix of sizes pool their objects, and keep the longest of a wave apart', () => {
    const mixed = [
      ...Array.from({ length: 10 }, () => 10),
      ...Array.from({ length: 10 }, () => 20),
    ];
    const rows = makeRows({ mean: 30, size: mixed }, { mean: 30, seed: 2, size: mixed });
    const sizes = rows.map(({ metric, waveSize }) => `${metric} ${waveSize ?? 'all'}`);
    expect(sizes).toContain('clone all');
    expect(sizes.filter((name) => name.startsWith('waveClone'))).toEqual([
      'waveClone 10',
      'waveClone 20',
    ]);
  });

  test('with nothing in common say so', () => {
    const base = { run: campaign({ mean: 30 }), manifest: undefined };
    const head = { run: campaign({ mean: 30, source: 'snapshot' }), manifest: undefined };
    const { rows, unmatched } = compareRuns(base, head);
    expect(rows).toEqual([]);
    expect(new Set(unmatched.map(({ onlyIn }) => onlyIn))).toEqual(new Set(['base', 'head']));
  });

  test('give the same text each time', () => {
    const sides = [campaign({ mean: 30 }), campaign({ mean: 33, seed: 2 })] as const;
    const [base, head] = sides.map((run) => ({ run, manifest: undefined }));
    if (base === undefined || head === undefined) throw new Error('two sides');
    const text = JSON.stringify(compareRuns(base, head));
    expect(JSON.stringify(compareRuns(base, head))).toBe(text);
  });
});

describe('the table', () => {
  test('reads like this', async () => {
    const base = { run: campaign({ mean: 30 }), manifest: undefined };
    const head = { run: campaign({ mean: 33, seed: 2, missing: 0.1 }), manifest: undefined };
    const text = renderComparison(compareRuns(base, head));
    await expect(text).toMatchFileSnapshot('../golden/report/comparison.txt');
  });

  test('shows no number where there is no significant change', () => {
    const lines = renderComparison(ALIKE).split('\n');
    expect(lines.find((line) => line.includes('RHEL 9 PVC clone'))).toMatch(/ ~ .* unchanged$/);
  });
});

describe('fingerprints', () => {
  const run = campaign({ mean: 1, waves: 1 });
  const other = campaign({ mean: 1, waves: 1, seed: 2 });

  function manifest(changes: Partial<Manifest> = {}): Manifest {
    return {
      schema: MANIFEST_SCHEMA,
      run: 'r1',
      scenario: { name: 's', path: 's.yaml', text: '', sha256: 'abc', overrides: [], hash: 'h1' },
      target: 'simulated',
      seed: 1,
      started: '2024-06-01T00:00:00Z',
      argv: [],
      host: { bench: '0.1.0', node: '20', platform: 'x', cpus: 2, memoryBytes: 1 },
      environment: { name: 'default', identity: { cluster: 'simulated' }, facts: { qps: '5' } },
      ...changes,
    };
  }

  const base = { run, manifest: manifest() };

  test('are the same for other seeds, hosts and constants', () => {
    const host = { bench: '0.2.0', node: '22', platform: 'y', cpus: 64, memoryBytes: 2 };
    const environment = {
      name: 'default',
      identity: { cluster: 'simulated' },
      facts: { qps: '2' },
    };
    const head = { run: other, manifest: manifest({ seed: 2, host, environment }) };
    expect(fingerprintDifferences(base, head)).toEqual([]);
    expect(changedFacts(base, head)).toEqual([
      { what: 'bench', base: '0.1.0', head: '0.2.0' },
      { what: 'qps', base: '5', head: '2' },
    ]);
  });

  test('differ for another scenario or another cluster', () => {
    const scenario = { ...manifest().scenario, hash: 'h2' };
    expect(fingerprintDifferences(base, { run, manifest: manifest({ scenario }) })).toEqual([
      { what: 'scenario hash', base: 'h1', head: 'h2' },
    ]);
    const environment = { name: 'lab', identity: { cluster: 'uid-1' }, facts: {} };
    expect(fingerprintDifferences(base, { run, manifest: manifest({ environment }) })).toEqual([
      { what: 'environment cluster', base: 'simulated', head: 'uid-1' },
    ]);
  });

  test('name the fields of the scenario that differ, one by one', () => {
    const text = (count: number) => `
name: nightly # the same
steps:
  - clone: { image: rhel9, sources: [pvc, snapshot], count: ${count}, wave: { size: 10 } }
slo: [{ metric: clone, max: ${count}s }]
simulation: { seed: ${count} }
`;
    const scenario = (hash: string, count: number, overrides: readonly string[] = []) => ({
      ...manifest().scenario,
      text: text(count),
      hash,
      overrides,
    });
    const left = { run, manifest: manifest({ scenario: scenario('h1', 100) }) };
    const overrides = ['steps.0.clone.wave.size=20', 'steps.0.clone.order=interleaved'];
    const right = { run, manifest: manifest({ scenario: scenario('h2', 200, overrides) }) };
    expect(fingerprintDifferences(left, right)).toEqual([
      { what: 'scenario steps.0.clone.count', base: '100', head: '200' },
      { what: 'scenario steps.0.clone.wave.size', base: '10', head: '20' },
      { what: 'scenario steps.0.clone.order', base: undefined, head: 'interleaved' },
    ]);
  });

  test('name the fields of a template in a file of its own, and of changed defaults', () => {
    const measured = (memory: string, timeout: number) => ({
      templates: [{ key: 'small', tree: { spec: { memory } } }],
      timeouts: { clone: timeout },
    });
    const of = (hash: string, memory: string, timeout = 1) => {
      const text = 'templates: { small: { file: vm.yaml } }';
      const scenario = { ...manifest().scenario, text, hash, measured: measured(memory, timeout) };
      return { run, manifest: manifest({ scenario }) };
    };
    expect(fingerprintDifferences(of('h1', '4Gi'), of('h2', '8Gi'))).toEqual([
      { what: 'scenario templates.small.spec.memory', base: '4Gi', head: '8Gi' },
    ]);
    expect(fingerprintDifferences(of('h1', '4Gi'), of('h2', '4Gi', 2))).toEqual([
      { what: 'scenario timeouts.clone', base: '1', head: '2' },
    ]);
  });

  test('of a run that lost its manifest differ from one that has it', () => {
    expect(fingerprintDifferences(base, { run, manifest: undefined })).not.toEqual([]);
  });
});
