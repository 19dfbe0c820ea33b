/**
 * KubeVirt's aggregated API: start, stop, restart, pause and their error cases (kubevirt v1.1.1
 * pkg/virt-api/rest/subresource.go). Each request lands on a random replica, and each replica
 * looks and patches with its own budget of 5 requests a second, which spreads a wave over seconds.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import { INSTANCES, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { ApiError, isNotFound } from '../../../kube/api-error.ts';
import { type KubeClient, limitedBy } from '../../../kube/client.ts';
import { createTokenBucket } from '../../../kube/rate-limit.ts';
import type { Hypervisor } from '../../hardware/node/hypervisor.ts';
import type { ComputeLab } from './lab.ts';
import { isFinal, getRunStrategy } from './run-strategy.ts';
import {
  type Answer,
  accepted,
  badRequest,
  conflict,
  internalError,
  notFound,
  notSimulated,
  VERSION,
} from './virt-api-answers.ts';
import { type Asked, unrouted } from './virt-api-routes.ts';

/** Serves `/apis/subresources.kubevirt.io/`. */
export type SubresourceHandler = (request: Asked) => Promise<Answer>;

export function createVirtApi(lab: ComputeLab, hypervisor: Hypervisor): SubresourceHandler {
  const { nodes, virtApi } = lab.parameters;
  const allNodes = nodes.count + CONTROL_PLANE_NODES;
  const count = Math.max(2, Math.floor(allNodes / virtApi.nodesPerReplica));
  const replicas = Array.from({ length: count }, () =>
    lab.client(limitedBy(createTokenBucket(lab.clock, { qps: virtApi.qps, burst: virtApi.burst }))),
  );
  const balance = lab.rng.fork('virt-api');
  return async (request) => {
    const refusal = unrouted(request);
    if (refusal) return refusal;
    const parts = request.path.split('/').map(decodeURIComponent);
    const [, , , , , namespace, plural, name, action] = parts;
    if (namespace === undefined) return { status: 200, body: describeSubresource(parts[4]) };
    const client = replicas[balance.integer(count)] as KubeClient;
    const call: Call = { client, hypervisor, namespace, name: name ?? '', body: request.body };
    const handle = VERBS[`${plural} ${action}`];
    return handle ? handle(call) : notSimulated(`${action}`);
  };
}

/** They count for the replicas, and run no VMs. */
const CONTROL_PLANE_NODES = 3;

interface Call {
  readonly client: KubeClient;
  readonly hypervisor: Hypervisor;
  readonly namespace: string;
  readonly name: string;
  readonly body: unknown;
}

interface Machine {
  readonly machine: VirtualMachine;
  /** Live: not final, and past its first moments. */
  readonly running: VirtualMachineInstance | undefined;
  readonly instance: VirtualMachineInstance | undefined;
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
  'virtualmachines start': (call) => onMachine(call, start),
  'virtualmachines stop': (call) => onMachine(call, stop),
  'virtualmachines restart': (call) => onMachine(call, restart),
  'virtualmachineinstances pause': (call) => setPaused(call, true),
  'virtualmachineinstances unpause': (call) => setPaused(call, false),
};

function describeSubresource(what: string | undefined): unknown {
  if (what === 'version') return VERSION;
  if (what === 'healthz') return { apiserver: { connectivity: 'ok' } };
  return {};
}

async function onMachine(
  call: Call,
  act: (call: Call, found: Machine) => Promise<Answer>,
): Promise<Answer> {
  const problem = bodyProblem(call.body);
  // StartVMRequestHandler alone looks at its body after the VM.
  if (problem !== undefined && act !== start) return badRequest(problem);
  try {
    const machine = await call.client.get(VIRTUAL_MACHINES, call);
    const instance = await findInstance(call);
    if (problem !== undefined) return badRequest(problem);
    const phase = instance?.status?.phase;
    const live = instance && !isFinal(instance) && phase !== undefined && phase !== 'Unknown';
    return await act(call, { machine, instance, running: live ? instance : undefined });
  } catch (error) {
    if (isNotFound(error)) return notFound(`virtualmachine.kubevirt.io "${call.name}" not found`);
    if (!(error instanceof ApiError)) throw error;
    return internalError(error.status?.message ?? error.message);
  }
}

async function findInstance(call: Call): Promise<VirtualMachineInstance | undefined> {
  try {
    return await call.client.get(INSTANCES, call);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Any body may be left out; one that is there must be an object. */
function bodyProblem(body: unknown): string | undefined {
  if (body === undefined || body === null || body === '') return undefined;
  if (typeof body === 'object' && !Array.isArray(body)) return undefined;
  return 'Can not unmarshal Request body to struct, error: not an object';
}

interface StartOptions {
  readonly paused?: boolean;
  readonly dryRun?: readonly string[];
  readonly gracePeriod?: number;
}

function readStartOptions(call: Call): StartOptions {
  return (call.body ?? {}) as StartOptions;
}

async function start(call: Call, { machine, instance, running }: Machine): Promise<Answer> {
  if (running) return conflict(call.name, 'VM is already running');
  const strategy = getRunStrategy(machine);
  switch (strategy) {
    case 'Halted':
      if (readStartOptions(call).paused !== true) return setRunning(call, machine, true);
      return request(call, machine, [{ action: 'Start', data: { paused: 'true' } }]);
    case 'RerunOnFailure':
      if (instance?.status?.phase === 'Failed') {
        const cause = 'RerunOnFailure does not support starting VM from failed state';
        return conflict(call.name, cause);
      }
      return request(call, machine, [{ action: 'Start' }]);
    case 'Manual':
      return request(call, machine, [{ action: 'Start' }]);
    default:
      return conflict(call.name, `${strategy} does not support manual start requests`);
  }
}

async function stop(call: Call, { machine, instance, running }: Machine): Promise<Answer> {
  const strategy = getRunStrategy(machine);
  if (strategy === 'Always' || strategy === 'Once') return setRunning(call, machine, false);
  if (!running) return conflict(call.name, 'VM is not running');
  if (strategy !== 'Manual') return setRunning(call, machine, false);
  const uid = instance?.metadata.uid ?? '';
  return request(call, machine, [{ action: 'Stop', uid }]);
}

async function restart(call: Call, { machine, instance }: Machine): Promise<Answer> {
  const strategy = getRunStrategy(machine);
  if (strategy === 'Halted' || strategy === 'Once') {
    return conflict(call.name, `${strategy} does not support manual restart requests`);
  }
  if (!instance) return conflict(call.name, 'VM is not running');
  const uid = instance.metadata.uid ?? '';
  return request(call, machine, [{ action: 'Stop', uid }, { action: 'Start' }]);
}

async function setRunning(call: Call, machine: VirtualMachine, on: boolean): Promise<Answer> {
  const spec =
    machine.spec.runStrategy === undefined
      ? { running: on }
      : { runStrategy: on ? 'Always' : 'Halted' };
  await call.client.raw(patchRequest(call, machine, { spec }));
  return accepted();
}

function patchRequest(call: Call, machine: VirtualMachine, patch: unknown) {
  const { namespace, name } = machine.metadata;
  const base = `/apis/kubevirt.io/v1/namespaces/${encodeURIComponent(namespace ?? '')}`;
  return {
    method: 'PATCH' as const,
    path: `${base}/virtualmachines/${encodeURIComponent(name)}`,
    body: patch,
    contentType: 'application/merge-patch+json',
    ...(readStartOptions(call).dryRun?.includes('All') ? { query: { dryRun: 'All' } } : {}),
  };
}

type StateChange = NonNullable<NonNullable<VirtualMachine['status']>['stateChangeRequests']>;

/** A JSON patch that fails where a request is open; the server then answers 422, we 500. */
async function request(call: Call, machine: VirtualMachine, changes: StateChange): Promise<Answer> {
  const path = '/status/stateChangeRequests';
  const open = machine.status?.stateChangeRequests;
  if (open && open.length > 0) {
    return conflict(call.name, 'unable to complete request: stop/start already underway');
  }
  const patch = machine.status
    ? [
        { op: 'test', path, value: open ?? null },
        { op: 'add', path, value: changes },
      ]
    : [
        { op: 'test', path: '/status', value: null },
        { op: 'add', path: '/status', value: { stateChangeRequests: changes } },
      ];
  await call.client.patch(VIRTUAL_MACHINES, machine.metadata, patch, {
    type: 'json',
    subresource: 'status',
  });
  return accepted();
}

async function setPaused(call: Call, paused: boolean): Promise<Answer> {
  const instance = await findInstance(call);
  if (!instance) return notFound(`virtualmachineinstance.kubevirt.io "${call.name}" not found`);
  if (instance.status?.phase !== 'Running') {
    return conflict(call.name, 'VM is not running', 'virtualmachineinstance');
  }
  const uid = instance.metadata.uid ?? '';
  const isPaused = call.hypervisor.domain(uid)?.state === 'paused';
  if (isPaused === paused) {
    const cause = paused ? 'VMI is already paused' : 'VMI is not paused';
    return conflict(call.name, cause, 'virtualmachineinstance');
  }
  if (paused) call.hypervisor.pause(uid);
  else call.hypervisor.unpause(uid);
  return { status: 200, body: undefined };
}
