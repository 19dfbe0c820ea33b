/** Steps that begin at the same moment: what one does is what another waits for, killed or not. */

import { describe, expect, test } from 'vitest';
import { SECOND } from '../../src/core/duration.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { summarisePlan } from '../../src/plan/summary.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { toyCluster } from '../support/toy-cluster.ts';
import { pick } from './play.ts';
import { type Kill, playKilled } from './play-killed.ts';

const TEXT = `
name: any
namespace: bench-run
storage: { class: fast }
steps:
  - apply:
      name: make
      template: { apiVersion: v1, kind: ConfigMap, metadata: { name: "map-{{index}}" } }
      count: 3
      wave: { ramp: 0s }
  - together:
      - act:
          name: label
          on: make
          label: { go: "yes" }
          until: { jsonpath: "{.metadata.labels.go}=yes" }
          wave: { size: 1, pause: 2s, ramp: 0s }
      - act:
          name: seen
          on: make
          watch: true
          until: { jsonpath: "{.metadata.labels.go}=yes" }
          wave: { ramp: 0s, timeout: 10m }
      - act:
          name: gone
          on: make
          watch: true
          until: [{ gone: true }, { name: again, exists: true }]
          wave: { ramp: 0s, timeout: 10m }
      - act:
          name: delete
          on: make
          delete: true
          until: { gone: true }
          wave: { size: 1, ramp: 0s, after: label }
  - act:
      name: last
      on: { kind: ConfigMap, names: [map-1] }
      label: { last: "yes" }
`;

function plan() {
  const parsed = parseScenario(TEXT, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.scenario, { runId: 'r1' });
}

const MOMENTS: readonly (readonly [string, readonly Kill[]])[] = [
  ['not at all', []],
  ['after its first wave', [1.5 * SECOND]],
  ['with its last wave, and again', [4.5 * SECOND, 8 * SECOND]],
];

describe('steps together, and a harness that is killed', () => {
  test.each(MOMENTS)('%s', async (_, kills) => {
    const toy = toyCluster();
    const home = '/api/v1/namespaces/bench-run/configmaps';
    const metadata = { name: 'bench-run' };
    toy.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    toy.server.onCommit(({ event: { type, object } }) => {
      if (type !== 'DELETED' || object.kind !== 'ConfigMap') return;
      const { name } = object.metadata;
      toy.kernel.schedule(SECOND, () => {
        toy.send('POST', home, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
      });
    });
    const { ending, entries } = await playKilled(toy, plan(), kills, 3 * SECOND);
    expect(ending.outcome).toBe('complete');
    const names = new Map(pick(entries, 'step').map(({ s, name }) => [name, s]));
    expect([...names.keys()]).toEqual(['make', 'label', 'seen', 'gone', 'delete', 'last']);
    const sends = pick(entries, 'send');
    expect(new Set(sends.map(({ p }) => p)).size).toBe(sends.length);
    const stagesOf = (step: string) => {
      const own = new Set(sends.filter(({ s }) => s === names.get(step)).map(({ p }) => p));
      return pick(entries, 'stage').filter(({ p }) => own.has(p));
    };
    expect(stagesOf('seen')).toHaveLength(3);
    // Whoever is made again is another one of that name.
    expect(stagesOf('gone').map(({ g }) => g)).toEqual([0, 1, 0, 1, 0, 1]);
    const ends = new Map(pick(entries, 'waveEnd').map(({ s, w, t }) => [`${s}/${w}`, t]));
    const deletions = pick(entries, 'wave').filter(({ s }) => s === names.get('delete'));
    expect(deletions).toHaveLength(3);
    for (const { w, t } of deletions) {
      expect(t).toBeGreaterThanOrEqual(ends.get(`${names.get('label')}/${w}`) ?? Infinity);
    }
  });
});

test('a plan has them begin together, and waves that follow at their turn', () => {
  const { steps } = summarisePlan(plan());
  const starts = steps.map(({ name, startUs }) => [name, startUs / SECOND]);
  expect(starts.slice(1)).toEqual([
    ['label', 0],
    ['seen', 0],
    ['gone', 0],
    ['delete', 0],
    ['last', 4],
  ]);
  const [, , , , last] = steps;
  const releases = last?.kind === 'act' ? last.waves.map(({ releaseUs }) => releaseUs) : [];
  expect(releases).toEqual([0, 2 * SECOND, 4 * SECOND]);
});
