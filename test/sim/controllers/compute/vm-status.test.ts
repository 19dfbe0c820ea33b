import { describe, expect, test } from 'vitest';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/compute.ts';
import { type VmFacts, vmStatus } from '../../../../src/sim/controllers/compute/vm-status.ts';
import { vmObject } from '../../../support/compute-cluster.ts';

const EPOCH_US = Date.UTC(2024, 5, 1) * 1000;

const facts = (changes: Partial<VmFacts> = {}): VmFacts => ({
  vm: vmObject('vm', { runStrategy: 'Always' }),
  vmi: undefined,
  dataVolumes: [],
  claims: [],
  startPending: false,
  wallUs: EPOCH_US,
  release: 'ocp-4.15',
  spread: 0,
  failure: undefined,
  ...changes,
});

const vmi = (
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
  test('without a VMI says so', () => {
    expect(vmStatus(facts())).toEqual({
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

  test('mirrors the conditions of its VMI, and keeps all but Ready when it has gone', () => {
    const running = vmStatus(facts({ vmi: vmi({ phase: 'Running', conditions: [ready, agent] }) }));
    expect(running).toMatchObject({ created: true, ready: true, conditions: [ready, agent] });
    const vm: VirtualMachine = { ...vmObject('vm'), status: running };
    const stopped = vmStatus(facts({ vm, wallUs: EPOCH_US + 5e6 }));
    expect(stopped.conditions).toMatchObject([
      { type: 'Ready', status: 'False', lastTransitionTime: '2024-06-01T00:00:05Z' },
      agent,
    ]);
    expect(stopped).not.toHaveProperty('created');
    const restarted = vmStatus(
      facts({
        vm: { ...vm, status: stopped },
        vmi: vmi({ phase: 'Scheduling', conditions: [] }),
      }),
    );
    expect(restarted.conditions?.map(({ type }) => type)).toEqual(['Ready']);
  });

  test('that would not change is the same object', () => {
    const before = vmStatus(facts());
    const vm = { ...vmObject('vm', { runStrategy: 'Always' }), status: before };
    expect(vmStatus(facts({ vm, wallUs: EPOCH_US + 60e6 }))).toBe(before);
  });

  test('tells of a failed step, and forgets it after', () => {
    const failure = { reason: 'FailedCreate', message: 'no room' };
    const failed = vmStatus(facts({ failure }));
    expect(failed.conditions?.[1]).toMatchObject({ type: 'Failure', status: 'True', ...failure });
    const vm = { ...vmObject('vm'), status: failed };
    expect(vmStatus(facts({ vm })).conditions).toHaveLength(1);
  });
});

describe('a VMI that fails before it runs', () => {
  const failed = vmi({ phase: 'Failed', conditions: [] });
  const once = vmStatus(facts({ vmi: failed }));
  const vm = { ...vmObject('vm', { runStrategy: 'Always' }), status: once };

  test('is counted once, and the next start waits', () => {
    expect(once.startFailure).toEqual({
      consecutiveFailCount: 1,
      lastFailedVMIUID: 'one',
      retryAfterTimestamp: '2024-06-01T00:00:10Z',
    });
    expect(vmStatus(facts({ vm, vmi: failed })).startFailure).toEqual(once.startFailure);
    expect(vmStatus(facts({ vm })).printableStatus).toBe('CrashLoopBackOff');
  });

  test('again, waits longer; and is forgotten once one runs', () => {
    const again = vmStatus(facts({ vm, vmi: vmi({ phase: 'Failed' }, 'two'), spread: 0.5 }));
    expect(again.startFailure).toMatchObject({
      consecutiveFailCount: 2,
      retryAfterTimestamp: '2024-06-01T00:00:50Z',
    });
    const stamps = [{ phase: 'Running', phaseTransitionTimestamp: 'now' }];
    const running = vmi({ phase: 'Running', phaseTransitionTimestamps: stamps }, 'three');
    expect(vmStatus(facts({ vm, vmi: running })).startFailure).toBeUndefined();
  });
});
