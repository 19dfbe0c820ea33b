import { describe, expect, test } from 'vitest';
import type { RunStrategy, VirtualMachine } from '../../../../src/api/compute.ts';
import type { VirtualMachineInstance } from '../../../../src/api/compute.ts';
import { SECOND } from '../../../../src/core/duration.ts';
import {
  openRequests,
  powerDecision,
  getRunStrategy,
  startBackoffUs,
  startDelayUs,
} from '../../../../src/sim/controllers/compute/run-strategy.ts';
import { vmObject } from '../../../support/compute-cluster.ts';

type Requests = NonNullable<VirtualMachine['status']>['stateChangeRequests'];
type Phase = NonNullable<VirtualMachineInstance['status']>['phase'];

const vm = (runStrategy: RunStrategy, requests: Requests = []): VirtualMachine => ({
  ...vmObject('vm', { runStrategy }),
  status: { stateChangeRequests: requests },
});

const vmi = (phase: NonNullable<Phase>, uid = 'one'): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', uid },
  spec: { domain: {} },
  status: { phase },
});

const START = { action: 'Start' } as const;
const STOP = { action: 'Stop', uid: 'one' } as const;

describe('powerDecision', () => {
  test.each<[RunStrategy, Requests, Phase | undefined, string]>([
    ['Always', [], undefined, 'start'],
    ['Always', [], 'Running', 'leave'],
    ['Always', [], 'Failed', 'stop'],
    ['Always', [], 'Succeeded', 'stop'],
    ['Always', [STOP, START], 'Running', 'stop'],
    ['Halted', [], undefined, 'leave'],
    ['Halted', [], 'Running', 'stop'],
    ['Manual', [], undefined, 'leave'],
    ['Manual', [START], undefined, 'start'],
    ['Manual', [STOP], 'Running', 'stop'],
    ['Manual', [STOP, START], 'Running', 'stop'],
    ['Manual', [STOP, START], undefined, 'start'],
    ['RerunOnFailure', [], undefined, 'start'],
    ['RerunOnFailure', [], 'Succeeded', 'leave'],
    ['RerunOnFailure', [], 'Failed', 'stop'],
    ['Once', [], undefined, 'start'],
    ['Once', [], 'Failed', 'leave'],
  ])('%s with %j and a VMI %s: %s', (strategy, requests, phase, expected) => {
    const found = phase === undefined ? undefined : vmi(phase);
    expect(powerDecision(vm(strategy, requests), found)).toBe(expected);
  });

  test('a stop asked of an earlier instance leaves this one alone', () => {
    expect(powerDecision(vm('Manual', [STOP]), vmi('Running', 'two'))).toBe('leave');
  });
});

test('running is another way to say Always or Halted', () => {
  const { runStrategy: _, ...spec } = vmObject('vm').spec;
  const of = (running: boolean) =>
    getRunStrategy({ ...vmObject('vm'), spec: { ...spec, running } });
  expect(of(true)).toBe('Always');
  expect(of(false)).toBe('Halted');
});

describe('openRequests', () => {
  const restart = vm('Manual', [STOP, START]);

  test('a restart is worked off in order', () => {
    expect(openRequests(restart, vmi('Running'))).toEqual([STOP, START]);
    expect(openRequests(restart, undefined)).toEqual([START]);
    expect(openRequests(vm('Manual', [START]), undefined)).toEqual([START]);
    expect(openRequests(vm('Manual', [START]), vmi('Pending', 'two'))).toBeUndefined();
  });
});

describe('the back-off of a VM that fails to start', () => {
  test.each([
    [1, 0, 10],
    [1, 1, 15],
    [2, 0, 40],
    [5, 0, 250],
    [6, 0, 300],
    [100, 1, 300],
  ])('after %i failures, spread %d: %d s', (failures, spread, seconds) => {
    expect(startBackoffUs(failures, spread)).toBe(seconds * SECOND);
  });

  test('ends at the stamp in the status', () => {
    const failing: VirtualMachine = {
      ...vmObject('vm'),
      status: { startFailure: { retryAfterTimestamp: '2024-06-01T00:00:30Z' } },
    };
    const epochUs = Date.UTC(2024, 5, 1) * 1000;
    expect(startDelayUs(failing, epochUs)).toBe(30 * SECOND);
    expect(startDelayUs(failing, epochUs + 31 * SECOND)).toBe(0);
    expect(startDelayUs(vmObject('vm'), epochUs)).toBe(0);
  });
});
