import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../src/api/compute.ts';
import { findNeighbours } from '../../../../src/sim/controllers/compute/pod-affinity.ts';

const TERM = {
  labelSelector: { matchExpressions: [{ key: 'of', operator: 'In', values: ['a'] }] },
  topologyKey: 'kubernetes.io/hostname',
};

function pod(of: string, nodeName?: string, affinity?: unknown, namespace = 'default'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: of, namespace, labels: { of } },
    spec: { containers: [], ...(nodeName && { nodeName }), ...(affinity ? { affinity } : {}) },
  };
}

const THERE = [pod('a', 'one'), pod('b', 'two'), pod('a', 'three', undefined, 'other'), pod('a')];

const requiring = (terms: readonly unknown[]) => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});

describe('because of the pods on nodes', () => {
  test('a pod without wishes may go anywhere', () => {
    const { refused, required, preferred } = findNeighbours(pod('a'), THERE);
    expect([refused.size, required, preferred.size]).toEqual([0, undefined, 0]);
  });

  test('one is refused where it must not be, in its own namespace alone', () => {
    const affinity = {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [TERM] },
    };
    expect([...findNeighbours(pod('c', undefined, affinity), THERE).refused]).toEqual(['one']);
  });

  test('one goes where it must be, or would rather be, in the namespaces that are named', () => {
    const podAffinityTerm = { ...TERM, namespaces: ['default', 'other'] };
    const affinity = {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
        requiredDuringSchedulingIgnoredDuringExecution: [TERM],
      },
    };
    const { required, preferred } = findNeighbours(pod('c', undefined, affinity), THERE);
    expect([...(required ?? [])]).toEqual(['one']);
    expect([...preferred].sort()).toEqual(['one', 'three']);
  });

  test('the first of those that must be together may go anywhere, a stranger nowhere', () => {
    const first = findNeighbours(pod('a', undefined, requiring([TERM])), [pod('b', 'two')]);
    expect(first.required).toBe(undefined);
    const stranger = findNeighbours(pod('c', undefined, requiring([TERM])), [pod('b', 'two')]);
    expect(stranger.required?.size).toBe(0);
  });
});
