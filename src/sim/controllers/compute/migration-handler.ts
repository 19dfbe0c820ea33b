/**
 * What the virt-handlers of both nodes do for a move: the target's gets ready, the source's has the
 * memory copied, and once the domain runs at the target the VMI is said to be there
 * (kubevirt v1.1.1 pkg/virt-handler/vm.go). A guest that writes faster than its memory can be
 * copied is given up after its time, and stays where it is.
 */

import type { MigrationState, VirtualMachineInstance } from '../../../api/compute.ts';
import { VMIS } from '../../../api/resources.ts';
import { parseBytes } from '../../../core/bytes.ts';
import { ignoreNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { ReconcileResult } from '../../../kube/controller.ts';
import { type Informer, makeObjectKey, splitKey } from '../../../kube/informer.ts';
import { moveUs } from '../../../parameters/memory-transfer.ts';
import type { ServiceTimes } from '../../hardware/node/service-times.ts';
import type { ComputeLab } from './lab.ts';
import type { NodeClocks } from './node-clocks.ts';
import type { NodePower } from './node-power.ts';
import { isFinal } from './run-strategy.ts';
import { NODE_LABEL } from './vm-objects.ts';

export interface MigrationHandlerParts {
  readonly lab: ComputeLab;
  readonly clocks: NodeClocks;
  readonly times: ServiceTimes;
  readonly power: NodePower;
  /** The domain of the VMI runs elsewhere from now on. */
  readonly onMoved: (vmiUid: string, from: string) => void;
}

interface HandlerRoom extends MigrationHandlerParts {
  readonly client: KubeClient;
  readonly vmis: Informer<VirtualMachineInstance>;
  /** When the step under way is over, by migration and step. */
  readonly dueUs: Map<string, number>;
}

export function startMigrationHandlers(parts: MigrationHandlerParts): void {
  const { lab } = parts;
  const room: HandlerRoom = {
    ...parts,
    client: lab.client({ component: 'virt-handler' }),
    vmis: lab.informer(VMIS),
    dueUs: new Map(),
  };
  const controller = lab.controller({
    name: 'virt-handler migration',
    workers: Number.POSITIVE_INFINITY,
    reconcile: (key) => reconcile(room, key),
  });
  room.vmis.onChange((now) => {
    if (now && isMoving(now)) controller.enqueue(makeObjectKey(now));
  });
}

function isMoving({ status }: VirtualMachineInstance): boolean {
  const state = status?.migrationState;
  return state?.targetNode !== undefined && !state.completed && !state.failed;
}

async function reconcile(room: HandlerRoom, key: string): Promise<ReconcileResult> {
  const { namespace, name } = splitKey(key);
  const vmi = room.vmis.get(namespace, name);
  if (!vmi || !isMoving(vmi) || isFinal(vmi)) return undefined;
  const state = vmi.status?.migrationState ?? {};
  const { sourceNode = '', targetNode = '' } = state;
  if (room.power.isDown(sourceNode) || room.power.isDown(targetNode)) return undefined;
  const id = state.migrationUid ?? '';
  if (state.targetNodeAddress === undefined) {
    // The target's libvirt has to be there before it can be told who comes.
    const waitUs = untilDone(room, `${id} prepare`, () => room.times.handlerSync());
    if (waitUs > 0) return { afterUs: waitUs };
    return tell(room, vmi, { targetNodeAddress: targetNode });
  }
  if (state.startTimestamp === undefined) {
    return tell(room, vmi, { startTimestamp: room.clocks.stamp(sourceNode) });
  }
  const copyUs = copyTime(room, vmi);
  const timeoutUs = completionTimeoutUs(room, vmi);
  const waitUs = untilDone(room, `${id} copy`, () => Math.min(copyUs ?? Infinity, timeoutUs));
  if (waitUs > 0) return { afterUs: waitUs };
  const endTimestamp = room.clocks.stamp(sourceNode);
  const isAcross = copyUs !== undefined && copyUs <= timeoutUs;
  if (!isAcross) return tell(room, vmi, { endTimestamp, completed: true, failed: true });
  return arrive(room, vmi, { ...state, endTimestamp, completed: true });
}

/** Microseconds that the step still takes; it begins when it is first asked about. */
function untilDone({ lab, dueUs }: HandlerRoom, step: string, takesUs: () => number): number {
  const nowUs = lab.clock.nowUs();
  const due = dueUs.get(step) ?? nowUs + takesUs();
  dueUs.set(step, due);
  if (due <= nowUs) dueUs.delete(step);
  return Math.max(0, due - nowUs);
}

function memoryBytes({ spec }: VirtualMachineInstance): number {
  const { domain } = spec as { readonly domain: { readonly memory?: { readonly guest?: string } } };
  const asked = spec.domain.resources?.requests?.['memory'];
  return parseBytes(domain.memory?.guest ?? asked ?? '') ?? 0;
}

/** Undefined where it would never end. */
function copyTime({ lab }: HandlerRoom, vmi: VirtualMachineInstance): number | undefined {
  return moveUs(memoryBytes(vmi), lab.parameters.migration);
}

function completionTimeoutUs({ lab }: HandlerRoom, vmi: VirtualMachineInstance): number {
  return Math.ceil(memoryBytes(vmi) / GIB) * lab.parameters.migration.completionPerGiBUs;
}

const GIB = 2 ** 30;

async function tell(
  room: HandlerRoom,
  vmi: VirtualMachineInstance,
  migrationState: MigrationState,
): Promise<undefined> {
  await write(room, vmi, { status: { migrationState } });
}

/** It runs at the target: whoever asks where it is, is told so from now on. */
async function arrive(
  room: HandlerRoom,
  vmi: VirtualMachineInstance,
  state: MigrationState,
): Promise<undefined> {
  const { targetNode: nodeName = '', sourceNode = '' } = state;
  const labels = { [NODE_LABEL]: nodeName };
  const status = { nodeName, evacuationNodeName: null, migrationState: state };
  await write(room, vmi, { metadata: { labels }, status });
  room.onMoved(vmi.metadata.uid ?? '', sourceNode);
}

async function write(
  { client }: HandlerRoom,
  vmi: VirtualMachineInstance,
  patch: object,
): Promise<void> {
  await ignoreNotFound(client.patch(VMIS, vmi.metadata, patch));
}
