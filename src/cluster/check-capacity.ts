/** Do the VMs fit: nodes, pods, quotas? */

import { LIMIT_RANGES, NODES, RESOURCE_QUOTAS } from '../api/resources.ts';
import { type Node, SIMULATED_NODE } from '../api/compute.ts';
import { formatBytes, parseBytes, parseCpu } from '../core/bytes.ts';
import { type CheckLab, type Finding, fail, findAll, pass, warn } from './check.ts';

interface Room {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

export async function checkNodes({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const nodes = (await findAll(client, NODES)).filter(isSchedulable);
  if (nodes.length === 0) {
    return [fail('nodes', 'no node is ready and schedulable', 'check `kubectl get nodes`')];
  }
  const room = nodes.map(readFreeRoom).reduce(addRoom);
  const machines = demand.machines.reduce((sum, { count }) => sum + count, 0);
  const memory = demand.machines.reduce((sum, each) => sum + each.count * each.memoryBytes, 0);
  const cpus = demand.machines.reduce((sum, each) => sum + each.count * each.cpuRequest, 0);
  return [
    pass('nodes', `${nodes.length} ready, ${formatBytes(room.memoryBytes)}, ${room.cpus} CPUs`),
    fits('memory', formatBytes(memory), formatBytes(room.memoryBytes), memory <= room.memoryBytes),
    fits('CPU requests', cpus.toFixed(1), room.cpus.toFixed(0), cpus <= room.cpus),
    fits('pods', String(machines), String(room.pods), machines <= room.pods),
  ];
}

/** Quotas and limit ranges of a namespace that is there already. */
export async function checkQuotas({ client, demand }: CheckLab): Promise<readonly Finding[]> {
  const { namespace } = demand;
  const quotas = await findAll(client, RESOURCE_QUOTAS, { namespace });
  const ranges = await findAll(client, LIMIT_RANGES, { namespace });
  const names = [...quotas, ...ranges].map(
    ({ kind, metadata }) => `${kind ?? ''} ${metadata.name}`,
  );
  if (names.length === 0) return [pass('quotas', `none in ${namespace}`)];
  return [
    warn(
      'quotas',
      `${names.join(', ')} in ${namespace} may refuse or change VMs`,
      'use a namespace without them, or raise them',
    ),
  ];
}

function isSchedulable({ spec, status }: Node): boolean {
  const ready = status?.conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  );
  const tainted = spec.taints?.some(
    ({ key, effect }) => effect === 'NoSchedule' && key !== SIMULATED_NODE,
  );
  return Boolean(ready) && !spec.unschedulable && !tainted;
}

function readFreeRoom({ status }: Node): Room {
  const amount = status?.allocatable ?? {};
  return {
    cpus: parseCpu(amount['cpu'] ?? '') ?? 0,
    memoryBytes: parseBytes(amount['memory'] ?? '') ?? 0,
    pods: Number(amount['pods'] ?? 0),
  };
}

function addRoom(a: Room, b: Room): Room {
  return {
    cpus: a.cpus + b.cpus,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    pods: a.pods + b.pods,
  };
}

function fits(check: string, asked: string, there: string, enough: boolean): Finding {
  if (enough) return pass(check, `${asked} asked, ${there} allocatable`);
  return warn(
    check,
    `${asked} asked, only ${there} allocatable`,
    'fewer VMs, or expect the rest to stay unschedulable and to be censored',
  );
}
