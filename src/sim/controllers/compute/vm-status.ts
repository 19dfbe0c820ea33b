/**
 * The status of a VM from what is known of it: pure, so that every look at the same state writes
 * the same words. Conditions of the VMI are mirrored verbatim, Ready is always there; whether
 * volumes can be snapshot is another controller's part (kubevirt v1.1.1 watch/vm.go updateStatus).
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import type { Condition } from '../../../api/object.ts';
import { sameJson } from '../../../core/json.ts';
import { has, type Release } from '../../../parameters/release.ts';
import { rfc3339 } from '../../../core/time-text.ts';
import { findCondition, isTrue, replacing, withoutCondition } from './conditions.ts';
import { type VmView, printableStatus } from './printable-status.ts';
import {
  failureCount,
  getRunStrategy,
  openRequests,
  type StartFailure,
  startBackoffUs,
} from './run-strategy.ts';

export type VmStatus = NonNullable<VirtualMachine['status']>;

export interface VmFacts extends VmView {
  readonly wallUs: number;
  readonly release: Release;
  /** In [0, 1): spreads the back-off of VMs that fail to start. */
  readonly spread: number;
  /** The last step failed, with this reason and message. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

/** The status to write; the one in place itself where nothing would change. */
export function vmStatus(facts: VmFacts): VmStatus {
  const { vm, vmi } = facts;
  const before = vm.status ?? {};
  const {
    created: _created,
    ready: _ready,
    stateChangeRequests: _requests,
    startFailure: _failure,
    ...kept
  } = before;
  const requests = openRequests(vm, vmi);
  const failed = findStartFailure(facts);
  const now: { -readonly [K in keyof VmStatus]: VmStatus[K] } = kept;
  if (vmi) now.created = true;
  if (isTrue(vmi?.status?.conditions, 'Ready')) now.ready = true;
  if (has(facts, 'strategyTold') && (vmi || before.runStrategy)) {
    now.runStrategy = getRunStrategy(vm);
  }
  Object.assign(now, generations(vm, vmi));
  now.printableStatus = printableStatus(facts);
  now.conditions = vmConditions(facts);
  if (requests) now.stateChangeRequests = requests;
  if (failed) now.startFailure = failed;
  return sameJson(before, now) ? before : now;
}

/** Which spec the VMI was made of, and which there is by now. */
function generations(
  { metadata }: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): Partial<VmStatus> {
  const observed = Number(vmi?.metadata.annotations?.[GENERATION] ?? Number.NaN);
  if (Number.isNaN(observed)) return {};
  return { observedGeneration: observed, desiredGeneration: metadata.generation ?? 0 };
}

const GENERATION = 'kubevirt.io/vm-generation';

/** Those of the VMI while there is one; all but Ready stay as they were after it has gone. */
function vmConditions(facts: VmFacts): readonly Condition[] {
  const stamp = rfc3339(facts.wallUs);
  const mirrored = facts.vmi?.status?.conditions ?? [];
  let list = replacing(facts.vm.status?.conditions, readiness(facts, stamp));
  list = withFailure(list, facts.failure, stamp);
  if (!facts.vmi) return list;
  for (const condition of mirrored) {
    if (!OWN.has(condition.type)) list = replacing(list, condition);
  }
  const there = new Set(mirrored.map(({ type }) => type));
  const gone = list.filter(({ type }) => !OWN.has(type) && !there.has(type));
  return gone.length === 0 ? list : list.filter((condition) => !gone.includes(condition));
}

const OWN: ReadonlySet<string> = new Set(['Ready', 'Failure']);

function withFailure(
  list: readonly Condition[],
  failure: VmFacts['failure'],
  stamp: string,
): readonly Condition[] {
  if (!failure) return withoutCondition(list, 'Failure');
  return replacing(list, {
    type: 'Failure',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: stamp,
    ...failure,
  });
}

/** The VMI's own condition with its stamps, or why there is none. */
function readiness({ vmi }: VmFacts, stamp: string): Condition {
  const ready = findCondition(vmi?.status?.conditions, 'Ready');
  if (ready) return ready;
  const [reason, message] = vmi
    ? ['VMIConditionMissing', 'VMI is missing the Ready condition']
    : ['VMINotExists', 'VMI does not exist'];
  return {
    type: 'Ready',
    status: 'False',
    lastProbeTime: stamp,
    lastTransitionTime: stamp,
    reason,
    message,
  };
}

/** Counts VMIs that failed before they ran; forgets them once one runs. */
function findStartFailure(facts: VmFacts): StartFailure | undefined {
  const { vm, vmi, wallUs, spread } = facts;
  const before = vm.status?.startFailure as StartFailure | undefined;
  if (!vmi || vmi.metadata.uid === before?.lastFailedVMIUID) return before;
  if (hasRun(facts)) return undefined;
  if (vmi.status?.phase !== 'Failed') return before;
  const failures = failureCount(vm) + 1;
  const retryUs = wallUs + startBackoffUs(failures, spread);
  return {
    consecutiveFailCount: failures,
    lastFailedVMIUID: vmi.metadata.uid ?? '',
    retryAfterTimestamp: rfc3339(retryUs),
  };
}

function hasRun({ vmi }: VmFacts): boolean {
  return vmi?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === 'Running') ?? false;
}
