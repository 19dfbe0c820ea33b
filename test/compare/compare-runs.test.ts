import { describe, expect, test } from 'vitest';
import { type ComparisonRow, compareRuns } from '../../src/compare/compare-runs.ts';
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
}

/** Waves of ten clones around the mean, each wave with its own weather. */
function campaign({ mean, seed = 1, waves = 20, missing = 0, source = 'pvc' }: Campaign): Run {
  const rng = createRng(seed);
  const draft = history({ target: 'simulated', seed });
  const variants = [{ image: 'rhel9', source }];
  const until = 'dataVolumeSucceeded';
  const step = draft.step({ kind: 'clone', name: 'clones', variants, until });
  for (let wave = 0; wave < waves; wave++) {
    const at = wave * 1000;
    const weather = rng.gamma(1, 0.03);
    draft.wave({ step, wave, at, n: 10 });
    for (let i = 0; i < 10; i++) {
      const length = mean * weather * rng.gamma(1, 0.1);
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
  const [left, right] = [campaign(base), campaign(head)];
  return compareRuns({ run: left, manifest: undefined }, { run: right, manifest: undefined }).rows;
}

function clone(rows: readonly ComparisonRow[], measure = 'latency'): ComparisonRow | undefined {
  return rows.find((row) => row.metric === 'clone' && row.measure === measure);
}

describe('two runs', () => {
  test('of one mean are unchanged', () => {
    const row = clone(makeRows({ mean: 30 }, { mean: 30, seed: 2 }));
    expect(row?.verdict).toBe('unchanged');
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
    for (const row of makeRows({ mean: 30 }, { mean: 31, seed: 2 })) {
      expect(row.q).toBeGreaterThanOrEqual(row.permutation.p);
    }
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
    const base = { run: campaign({ mean: 30 }), manifest: undefined };
    const head = { run: campaign({ mean: 30, seed: 2 }), manifest: undefined };
    const lines = renderComparison(compareRuns(base, head)).split('\n');
    expect(lines.find((line) => line.includes('clone rhel9 pvc'))).toMatch(/ ~ .* unchanged$/);
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

  test('of a run that lost its manifest differ from one that has it', () => {
    expect(fingerprintDifferences(base, { run, manifest: undefined })).not.toEqual([]);
  });
});
