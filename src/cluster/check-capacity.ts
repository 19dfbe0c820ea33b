/** Do the VMs fit: nodes, pods, quotas? */

import { LIMIT_RANGES, RESOURCE_QUOTAS } from '../api/resources.ts';
import type { LauncherRules } from '../capacity/launcher-request.ts';
import type { NodeRoom } from '../capacity/node-room.ts';
import { countPerRoom, pack, type Packing } from '../capacity/packing.ts';
import type { PodDemand } from '../capacity/pod-demand.ts';
import { formatBytes } from '../core/bytes.ts';
import { resolveVms, type SizedVm } from './check-instancetypes.ts';
import { type CheckLab, type Finding, fail, findAll, pass, warn } from './check.ts';
import { askedOfNodes, readRules, surveyNodes } from './survey.ts';

/**
 * Packed node by node as the scheduler will do it, onto what already runs there: sums over nodes
 * would promise room that no node has.
 */
export async function checkNodes(lab: CheckLab): Promise<readonly Finding[]> {
  const { rooms, isShown } = await surveyNodes(lab);
  if (rooms.length === 0) {
    return [fail('nodes', 'no node is ready and schedulable', 'check `kubectl get nodes`')];
  }
  const running = isShown ? describePods(rooms) : 'what runs there is not shown to us';
  const findings = [pass('nodes', `${rooms.length} ready, ${describeSizes(rooms)}; ${running}`)];
  const { vms, problems } = await resolveVms(lab);
  return [...findings, ...problems, ...packed(rooms, vms, await readRules(lab))];
}

function packed(
  rooms: readonly NodeRoom[],
  vms: readonly SizedVm[],
  rules: LauncherRules,
): readonly Finding[] {
  const asked = askedOfNodes(vms, rules);
  const [only] = asked;
  if (!only) return [];
  const holds = asked.length === 1 ? countPerRoom(rooms, only.demand) : undefined;
  const result = pack(rooms, asked);
  const { fits } = result;
  const size = asked
    .map(({ name, demand }) => `${name}: ${describeDemand(demand)} a VM with its launcher`)
    .join('; ');
  if (fits === result.asked) {
    const most = holds ? `, at most ${sum(holds)}` : '';
    return [pass('room', `${fits} VMs fit${most} (${size})`)];
  }
  const left = result.asked - fits;
  const found = `${fits} of ${result.asked} VMs fit (${describeLimit(result, holds)}; ${size})`;
  return [
    warn(
      'room',
      `${found}; ${left} would stay unschedulable`,
      'fewer or smaller VMs, or more nodes; the rest will be missed at its deadline',
    ),
  ];
}

/** `memory, 3 a node on 108 nodes`. */
function describeLimit({ refusals }: Packing, holds: readonly number[] | undefined): string {
  const [first] = [...refusals].sort((a, b) => b[1] - a[1]);
  const limit = (first?.[0] ?? 'nothing')
    .replace('Insufficient ', '')
    .replace('Too many pods', 'pods');
  if (!holds) return limit;
  const fewest = Math.min(...holds);
  const most = Math.max(...holds);
  const each = fewest === most ? String(most) : `${fewest} to ${most}`;
  return `${limit}, ${each} a node on ${holds.length} nodes`;
}

function describeDemand({ cpuMillis, memoryBytes }: PodDemand): string {
  return `${cpuMillis / 1000} CPUs and ${formatBytes(memoryBytes)}`;
}

function describeSizes(rooms: readonly NodeRoom[]): string {
  const memory = sum(rooms.map(({ memoryBytes }) => memoryBytes));
  const cpus = sum(rooms.map(({ cpuMillis }) => cpuMillis)) / 1000;
  return `${formatBytes(memory)}, ${cpus.toFixed(0)} CPUs`;
}

function describePods(rooms: readonly NodeRoom[]): string {
  const pods = sum(rooms.map((room) => room.pods));
  if (pods === 0) return 'nothing runs there yet';
  const memory = sum(rooms.map((room) => room.usedMemory));
  return `${pods} pods there ask for ${formatBytes(memory)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
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
