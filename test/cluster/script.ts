/** A cluster that answers by a script, in virtual time; what is not scripted is not found. */

import type { VirtualMachine } from '../../src/api/compute.ts';
import type { KubeObject } from '../../src/api/object.ts';
import type { ApiRequest } from '../../src/api/transport.ts';
import type { CheckLab, Demand } from '../../src/cluster/check.ts';
import { createClient, type KubeClient } from '../../src/kube/client.ts';
import { createKernel } from '../../src/sim/kernel/kernel.ts';
import type { Kernel } from '../../src/sim/kernel/kernel.ts';
import { scriptedTransport } from '../support/scripted-transport.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** By `GET /api/v1/nodes`; a function is asked each time. */
export type Script = Readonly<Record<string, Answer | ((request: ApiRequest) => Answer)>>;

export interface Scripted {
  readonly kernel: Kernel;
  readonly client: KubeClient;
  readonly requests: readonly ApiRequest[];
  /** `DELETE /path` of all requests so far, without the method where it is GET. */
  asked(method?: string): readonly string[];
  lab(demand?: Partial<Demand>): CheckLab;
  play<T>(main: () => Promise<T>): Promise<T>;
}

export function scripted(script: Script): Scripted {
  const kernel = createKernel();
  const transport = scriptedTransport(kernel, (request) => {
    const found = script[`${request.method} ${request.path}`];
    if (found === undefined) return refusal(404, 'NotFound', `no ${request.path}`);
    return typeof found === 'function' ? found(request) : found;
  });
  const client = createClient(transport);
  return {
    kernel,
    client,
    requests: transport.requests,
    asked: (method = 'GET') =>
      transport.requests.filter((it) => it.method === method).map(({ path }) => path),
    lab: (demand = {}) => ({
      client,
      server: 'https://api.example:6443',
      demand: { ...DEMAND, ...demand },
      wallUs: () => kernel.wallUs(),
    }),
    play: (main) =>
      kernel.run(
        async () => main(),
        () => 'the script',
      ),
  };
}

export const DEMAND: Demand = {
  kinds: [],
  brings: new Set(),
  runId: 'r1',
  namespace: 'bench-r1',
  namespaces: ['bench-r1'],
  sourceNamespaces: [],
  originNamespaces: [],
  origins: [],
  made: [],
  makesNamespace: true,
  acts: new Set(['volumes', 'snapshots', 'vms', 'start']),
  runLabel: 'bench.kubevirt.io/run',
  storageClass: 'rbd',
  snapshotClass: 'rbd-snap',
  volumeMode: 'Block',
  accessModes: ['ReadWriteMany'],
  vms: [{ template: 'rhel9', count: 10, vm: smallVm('rhel9') }],
  vmsCreated: 10,
  dataVolumes: 11,
  storageBytes: 11 * 2 ** 30,
  clonesClaims: true,
  waitsUnused: [],
  startsBySubresource: true,
  imageUrls: [],
  programs: [],
  samples: [],
};

/** Two vCPUs and 4 GiB. */
export function smallVm(name: string): VirtualMachine {
  const domain = { cpu: { cores: 2 }, memory: { guest: '4Gi' }, devices: {} };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: { running: false, template: { spec: { domain } } },
  };
}

export function list(...items: readonly unknown[]): Answer {
  return { status: 200, body: { metadata: { resourceVersion: '1' }, items } };
}

export function object(body: unknown): Answer {
  return { status: 200, body };
}

export function refusal(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
}

/** As RBAC words it. */
export function forbidden(what: string): Answer {
  const message = `${what} is forbidden: User "me" cannot list resource "${what}"`;
  return refusal(403, 'Forbidden', message);
}

export function named(name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Any', metadata: { name, uid: `uid-${name}`, ...more } };
}
