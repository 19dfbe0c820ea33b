import { describe, expect, test } from 'vitest';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import {
  type MachineFacts,
  machineStatus,
} from '../../../../src/sim/controllers/compute/machine-status.ts';
import { machineObject } from '../../../support/compute-cluster.ts';

const EPOCH_US = Date.UTC(2024, 5, 1) * 1000;

const facts = (changes: Partial<MachineFacts> = {}): MachineFacts => ({
  machine: machineObject('vm', { runStrategy: 'Always' }),
  instance: undefined,
  dataVolumes: [],
  claims: [],
  startPending: false,
  wallUs: EPOCH_US,
  spread: 0,
  failure: undefined,
  ...changes,
});

const instance = (
  status: NonNullable<VirtualMachineInstance['status']>,
  uid = 'one',
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'vm', uid },
  spec: { domain: {} },
  status,
});

const ready = { type: 'Ready', status: 'True', lastTransitionTime: 'then' } as const;
const agent = { type: 'AgentConnected', status: 'True', lastProbeTime: 'then' } as const;

describe('the status of a VM', () => {
  test('without an instance says so', () => {
    expect(machineStatus(facts())).toEqual({
      printableStatus: 'Stopped',
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'VMINotExists',
          message: 'VMI does not exist',
          lastProbeTime: '2024-06-01T00:00:00Z',
          lastTransitionTime: '2024-06-01T00:00:00Z',
        },
      ],
    });
  });

  test('mirrors the conditions of its instance, and keeps all but Ready when it has gone', () => {
    const running = machineStatus(
      facts({ instance: instance({ phase: 'Running', conditions: [ready, agent] }) }),
    );
    expect(running).toMatchObject({ created: true, ready: true, conditions: [ready, agent] });
    const machine: VirtualMachine = { ...machineObject('vm'), status: running };
    const stopped = machineStatus(facts({ machine, wallUs: EPOCH_US + 5e6 }));
    expect(stopped.conditions).toMatchObject([
      { type: 'Ready', status: 'False', lastTransitionTime: '2024-06-01T00:00:05Z' },
      agent,
    ]);
    expect(stopped).not.toHaveProperty('created');
    const restarted = machineStatus(
      facts({
        machine: { ...machine, status: stopped },
        instance: instance({ phase: 'Scheduling', conditions: [] }),
      }),
    );
    expect(restarted.conditions?.map(({ type }) => type)).toEqual(['Ready']);
  });

  test('that would not change is the same object', () => {
    const before = machineStatus(facts());
    const machine = { ...machineObject('vm', { runStrategy: 'Always' }), status: before };
    expect(machineStatus(facts({ machine, wallUs: EPOCH_US + 60e6 }))).toBe(before);
  });

  test('tells of a failed step, and forgets it after', () => {
    const failure = { reason: 'FailedCreate', message: 'no room' };
    const failed = machineStatus(facts({ failure }));
    expect(failed.conditions?.[1]).toMatchObject({ type: 'Failure', status: 'True', ...failure });
    const machine = { ...machineObject('vm'), status: failed };
    expect(machineStatus(facts({ machine })).conditions).toHaveLength(1);
  });
});

describe('an instance that fails before it runs', () => {
  const failed = instance({ phase: 'Failed', conditions: [] });
  const once = machineStatus(facts({ instance: failed }));
  const machine = { ...machineObject('vm', { runStrategy: 'Always' }), status: once };

  test('is counted once, and the next start waits', () => {
    expect(once.startFailure).toEqual({
      consecutiveFailCount: 1,
      lastFailedVMIUID: 'one',
      retryAfterTimestamp: '2024-06-01T00:00:10Z',
    });
    expect(machineStatus(facts({ machine, instance: failed })).startFailure).toEqual(
      once.startFailure,
    );
    expect(machineStatus(facts({ machine })).printableStatus).toBe('CrashLoopBackOff');
  });

  test('again, waits longer; and is forgotten once one runs', () => {
    const again = machineStatus(
      facts({ machine, instance: instance({ phase: 'Failed' }, 'two'), spread: 0.5 }),
    );
    expect(again.startFailure).toMatchObject({
      consecutiveFailCount: 2,
      retryAfterTimestamp: '2024-06-01T00:00:50Z',
    });
    const stamps = [{ phase: 'Running', phaseTransitionTimestamp: 'now' }];
    const running = instance({ phase: 'Running', phaseTransitionTimestamps: stamps }, 'three');
    expect(machineStatus(facts({ machine, instance: running })).startFailure).toBeUndefined();
  });
});
