/** What an Indexed Job makes of its pods: indexes, rules, limits. */

import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/api/compute.ts';
import {
  formatIndexes,
  type Job,
  judgeJob,
} from '../../../src/sim/controllers/workloads/job-state.ts';

type Ending = 'Succeeded' | 'Running' | 'Evicted' | number;

function pod(index: number, ending: Ending): Pod {
  const exitCode = typeof ending === 'number' ? ending : ending === 'Succeeded' ? 0 : 143;
  const isOver = ending !== 'Running';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `j-${index}`,
      annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
    },
    spec: { containers: [{ name: 'bench' }] },
    status: {
      phase: ending === 'Succeeded' || ending === 'Running' ? ending : 'Failed',
      ...(isOver && {
        containerStatuses: [{ name: 'bench', ready: false, state: { terminated: { exitCode } } }],
      }),
      ...(ending === 'Evicted' && { conditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
    },
  };
}

const RULES = {
  rules: [
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'FailIndex', onExitCodes: { operator: 'In', values: [5, 64] } },
  ],
} as const;

function judge(spec: Partial<Job['spec']>, ...pods: readonly [number, Ending][]) {
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: { completions: 4, parallelism: 2, template: { spec: { containers: [] } }, ...spec },
  };
  const own = pods.map(([index, ending]) => pod(index, ending));
  const { active, ...rest } = judgeJob(job, own);
  return { ...rest, active: active.length };
}

describe('an Indexed Job', () => {
  test('starts the first free indexes, so many at a time', () => {
    expect(judge({}).toStart).toEqual([0, 1]);
    expect(judge({}, [0, 'Succeeded'], [1, 'Running']).toStart).toEqual([2]);
    expect(judge({ suspend: true }).toStart).toEqual([]);
  });

  test('replaces a pod that was evicted, and does not count it', () => {
    const policy = { podFailurePolicy: RULES, backoffLimit: 0 };
    expect(judge(policy, [0, 'Evicted'])).toMatchObject({ failures: 0, toStart: [0, 1] });
    // Without the rule an eviction is a failure as any other.
    expect(judge({ backoffLimit: 0 }, [0, 'Evicted']).end).toEqual({
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
    });
  });

  test('fails an index by itself, at once by a rule or after its tries, and goes on', () => {
    const policy = { podFailurePolicy: RULES, backoffLimitPerIndex: 1 };
    const pods: [number, Ending][] = [
      [0, 5],
      [1, 1],
      [2, 1],
      [2, 1],
    ];
    expect(judge(policy, ...pods)).toMatchObject({
      failedIndexes: [0, 2],
      toStart: [1, 3],
      end: undefined,
    });
    const ended = judge(policy, ...pods, [1, 'Succeeded'], [3, 'Succeeded']);
    expect(ended.end).toEqual({ type: 'Failed', reason: 'FailedIndexes' });
  });

  test('is complete when each index is, and writes indexes as ranges', () => {
    const all = [0, 1, 2, 3].map((index): [number, Ending] => [index, 'Succeeded']);
    expect(judge({}, ...all).end).toEqual({ type: 'Complete' });
    expect(formatIndexes([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
  });
});
