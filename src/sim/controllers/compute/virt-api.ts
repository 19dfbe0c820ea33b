/**
 * KubeVirt's aggregated API: start, stop, restart, pause and their error cases (kubevirt v1.1.1
 * pkg/virt-api/rest/subresource.go). Each request lands on a random replica, and each replica
 * looks and patches with its own budget of 5 requests a second, which spreads a wave over seconds.
 */

import type { VirtualMachine, VirtualMachineInstance } from '../../../api/compute.ts';
import { MIGRATIONS, VMIS, VIRTUAL_MACHINES } from '../../../api/resources.ts';
import { ApiError, ignoreNotFound, isNotFound } from '../../../kube/api-error.ts';
import type { KubeClient } from '../../../kube/client.ts';
import type { Hypervisor } from '../../hardware/node/hypervisor.ts';
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
import type { VirtApiReplicas } from './virt-api-replicas.ts';
import { type Asked, unrouted } from './virt-api-routes.ts';
import { plugVolume, readAddVolume, requestVolume } from './virt-api-volumes.ts';

/** Serves `/apis/subresources.kubevirt.io/`. */
export type SubresourceHandler = (request: Asked) => Promise<Answer>;

export function createVirtApi(
  replicas: VirtApiReplicas,
  hypervisor: Hypervisor,
): SubresourceHandler {
  return async (request) => {
    const refusal = unrouted(request);
    if (refusal) return refusal;
    const parts = request.path.split('/').map(decodeURIComponent);
    const [, , , , , namespace, plural, name, action] = parts;
    if (namespace === undefined) return { status: 200, body: describeSubresource(parts[4]) };
    const { body } = request;
    const client = replicas.pick();
    const call: Call = { client, hypervisor, namespace, name: name ?? '', body };
    const handle = VERBS[`${plural} ${action}`];
    return handle ? handle(call) : notSimulated(`${action}`);
  };
}

interface Call {
  readonly client: KubeClient;
  readonly hypervisor: Hypervisor;
  readonly namespace: string;
  readonly name: string;
  readonly body: unknown;
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
  'virtualmachines start': (call) => answering(call, start),
  'virtualmachines stop': (call) => answering(call, stop),
  'virtualmachines restart': (call) => answering(call, restart),
  'virtualmachines migrate': (call) => answering(call, migrate),
  'virtualmachines addvolume': (call) => answering(call, addToVm),
  'virtualmachineinstances addvolume': (call) => answering(call, addToVmi),
  'virtualmachineinstances pause': (call) => setPaused(call, true),
  'virtualmachineinstances unpause': (call) => setPaused(call, false),
  'virtualmachineinstances freeze': (call) => setFrozen(call, true),
  'virtualmachineinstances unfreeze': (call) => setFrozen(call, false),
};

function describeSubresource(what: string | undefined): unknown {
  if (what === 'version') return VERSION;
  if (what === 'healthz') return { apiserver: { connectivity: 'ok' } };
  return {};
}

async function answering(call: Call, act: (call: Call) => Promise<Answer>): Promise<Answer> {
  try {
    return await act(call);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return internalError(error.status?.message ?? error.message);
  }
}

/** The VM, or the answer that there is none. */
async function fetchVm(call: Call): Promise<VirtualMachine | Answer> {
  try {
    return await call.client.get(VIRTUAL_MACHINES, call);
  } catch (error) {
    if (isNotFound(error)) return notFound(`virtualmachine.kubevirt.io "${call.name}" not found`);
    throw error;
  }
}

function isAnswer(found: VirtualMachine | Answer): found is Answer {
  return !('metadata' in found);
}

async function findVmi(call: Call): Promise<VirtualMachineInstance | undefined> {
  return await ignoreNotFound(call.client.get(VMIS, call));
}

/** Any body may be left out; one that is there must be an object. */
function bodyProblem(body: unknown, type: string): Answer | undefined {
  if (body === undefined || body === null || body === '') return undefined;
  if (typeof body === 'object' && !Array.isArray(body)) return undefined;
  const what = Array.isArray(body) ? 'array' : JSON_TYPES[typeof body];
  return badRequest(
    'Can not unmarshal Request body to struct, error: error unmarshaling JSON: while decoding ' +
      `JSON: json: cannot unmarshal ${what} into Go value of type v1.${type}`,
  );
}

/** As Go's decoder calls them. */
const JSON_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
};

interface StartOptions {
  readonly paused?: boolean;
  readonly dryRun?: readonly string[];
  readonly gracePeriod?: number;
  readonly gracePeriodSeconds?: number;
}

function readStartOptions(call: Call): StartOptions {
  return (call.body ?? {}) as StartOptions;
}

async function start(call: Call): Promise<Answer> {
  const vm = await fetchVm(call);
  if (isAnswer(vm)) return vm;
  const vmi = await findVmi(call);
  const phase = vmi?.status?.phase;
  if (vmi && !isFinal(vmi) && phase !== undefined && phase !== 'Unknown') {
    return conflict(call.name, 'VM is already running');
  }
  const problem = bodyProblem(call.body, 'StartOptions');
  if (problem) return problem;
  const paused = readStartOptions(call).paused === true ? { data: { paused: 'true' } } : {};
  const strategy = getRunStrategy(vm);
  switch (strategy) {
    case 'Halted':
      if (!('data' in paused)) return setRunning(call, vm, true);
      return request(call, vm, [{ action: 'Start', ...paused }]);
    case 'RerunOnFailure':
    case 'Manual': {
      if (strategy === 'RerunOnFailure' && phase === 'Failed') {
        const cause = 'RerunOnFailure does not support starting VM from failed state';
        return conflict(call.name, cause);
      }
      const again = vmi && isFinal(vmi);
      const uid = vmi?.metadata.uid ?? '';
      const first = again ? ([{ action: 'Stop', uid }] as const) : [];
      return request(call, vm, [...first, { action: 'Start', ...paused }]);
    }
    default:
      return conflict(call.name, `${strategy} does not support manual start requests`);
  }
}

async function stop(call: Call): Promise<Answer> {
  const problem = bodyProblem(call.body, 'StopOptions');
  if (problem) return problem;
  const vm = await fetchVm(call);
  if (isAnswer(vm)) return vm;
  const vmi = await findVmi(call);
  const live = vmi && !isFinal(vmi) ? vmi : undefined;
  const strategy = getRunStrategy(vm);
  const { gracePeriod } = readStartOptions(call);
  const graceBefore = live?.spec.terminationGracePeriodSeconds;
  if (live && gracePeriod !== undefined) {
    const patch = { spec: { terminationGracePeriodSeconds: gracePeriod } };
    await call.client.patch(VMIS, live.metadata, patch);
  }
  if (strategy !== 'Halted' && strategy !== 'Manual') return setRunning(call, vm, false);
  if (!live) return conflict(call.name, 'VM is not running');
  const shorter = gracePeriod !== undefined && gracePeriod < (graceBefore ?? Infinity);
  if (strategy === 'Halted' && !shorter) {
    const cause = 'Halted only supports manual stop requests with a shorter graceperiod';
    return conflict(call.name, cause);
  }
  return request(call, vm, [{ action: 'Stop', uid: live.metadata.uid ?? '' }]);
}

async function restart(call: Call): Promise<Answer> {
  const problem = bodyProblem(call.body, 'RestartOptions') ?? graceProblem(call);
  if (problem) return problem;
  const vm = await fetchVm(call);
  if (isAnswer(vm)) return vm;
  const strategy = getRunStrategy(vm);
  if (strategy === 'Halted' || strategy === 'Once') {
    return conflict(call.name, `RunStategy ${strategy} does not support manual restart requests`);
  }
  const vmi = await findVmi(call);
  if (!vmi) return conflict(call.name, 'VM is not running: Halted');
  const uid = vmi.metadata.uid ?? '';
  return request(call, vm, [{ action: 'Stop', uid }, { action: 'Start' }]);
}

function graceProblem(call: Call): Answer | undefined {
  const { gracePeriodSeconds = 0 } = readStartOptions(call);
  if (gracePeriodSeconds > 0) {
    return badRequest('For force restart, only gracePeriod=0 is supported for now');
  }
  if (gracePeriodSeconds < 0) return badRequest('gracePeriod has to be greater or equal to 0');
  return undefined;
}

async function setRunning(call: Call, vm: VirtualMachine, on: boolean): Promise<Answer> {
  const spec =
    vm.spec.runStrategy === undefined ? { running: on } : { runStrategy: on ? 'Always' : 'Halted' };
  await call.client.raw(patchRequest(call, vm, { spec }));
  return accepted();
}

function patchRequest(call: Call, vm: VirtualMachine, patch: unknown) {
  const { namespace, name } = vm.metadata;
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
async function request(call: Call, vm: VirtualMachine, changes: StateChange): Promise<Answer> {
  const path = '/status/stateChangeRequests';
  const open = vm.status?.stateChangeRequests;
  // A lone stop replaces whatever was asked for before.
  const isStop = changes.length === 1 && changes[0]?.action === 'Stop';
  if (open && open.length > 0 && !isStop) {
    return internalError('unable to complete request: stop/start already underway');
  }
  const patch = vm.status
    ? [
        { op: 'test', path, value: open ?? null },
        { op: 'add', path, value: changes },
      ]
    : [
        { op: 'test', path: '/status', value: null },
        { op: 'add', path: '/status', value: { stateChangeRequests: changes } },
      ];
  await call.client.patch(VIRTUAL_MACHINES, vm.metadata, patch, {
    type: 'json',
    subresource: 'status',
  });
  return accepted();
}

async function setPaused(call: Call, paused: boolean): Promise<Answer> {
  const problem = bodyProblem(call.body, paused ? 'PauseOptions' : 'UnpauseOptions');
  if (problem) return problem;
  const vmi = await findVmi(call);
  if (!vmi) return notFound(`virtualmachineinstance.kubevirt.io "${call.name}" not found`);
  if (vmi.status?.phase !== 'Running') {
    const cause = paused ? 'VM is not running' : 'VMI is not running';
    return conflict(call.name, cause, 'virtualmachineinstance');
  }
  const uid = vmi.metadata.uid ?? '';
  const isPaused = call.hypervisor.domain(uid)?.state === 'paused';
  if (isPaused === paused) {
    const cause = paused ? 'VMI is already paused' : 'VMI is not paused';
    return conflict(call.name, cause, 'virtualmachineinstance');
  }
  if (paused) call.hypervisor.pause(uid);
  else call.hypervisor.unpause(uid);
  return { status: 200, body: undefined };
}

/** Through the handler of its node to the agent in the guest, and answered when that is done. */
async function setFrozen(call: Call, frozen: boolean): Promise<Answer> {
  const vmi = await findVmi(call);
  if (!vmi) return notFound(`virtualmachineinstance.kubevirt.io "${call.name}" not found`);
  if (vmi.status?.phase !== 'Running') {
    return conflict(call.name, 'VM is not running', 'virtualmachineinstance');
  }
  await call.hypervisor.setFrozen(vmi.metadata.uid ?? '', frozen);
  return accepted();
}

async function addToVm(call: Call): Promise<Answer> {
  const asked = readAddVolume(call.body);
  if ('status' in asked) return asked;
  const vm = await fetchVm(call);
  return isAnswer(vm) ? vm : requestVolume(call.client, vm, asked);
}

async function addToVmi(call: Call): Promise<Answer> {
  const asked = readAddVolume(call.body);
  if ('status' in asked) return asked;
  const vmi = await findVmi(call);
  if (!vmi) return notFound(`virtualmachineinstance.kubevirt.io "${call.name}" not found`);
  return plugVolume(call.client, vmi, asked);
}

/** As virtctl asks for it: a migration under a name of the server's choice. */
async function migrate(call: Call): Promise<Answer> {
  const vm = await fetchVm(call);
  if (isAnswer(vm)) return vm;
  const vmi = await findVmi(call);
  if (!vmi) return notFound(`virtualmachineinstance.kubevirt.io "${call.name}" not found`);
  if (vmi.status?.phase !== 'Running') return conflict(call.name, 'VM is not running');
  const { namespace } = vm.metadata;
  await call.client.create(MIGRATIONS, {
    apiVersion: 'kubevirt.io/v1',
    kind: MIGRATIONS.kind,
    metadata: {
      name: '',
      generateName: 'kubevirt-migrate-vm-',
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: { vmiName: call.name },
  });
  return accepted();
}
