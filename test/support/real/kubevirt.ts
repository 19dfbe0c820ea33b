/** Real virt-api and virt-controller on a control plane, as virt-operator would have set them up. */

import type { KubeObject } from '../../../src/api/object.ts';
import { type Balancer, openBalancer } from './balancer.ts';
import type { ControlPlane } from './control-plane.ts';
import { apply, atLoopback, type Endpoint, loopbackService, readManifests } from './manifests.ts';
import { freePort, type Program, until } from './programs.ts';

const NAMESPACE = 'kubevirt';

export interface KubeVirtSettings {
  /** Folder below that of the binaries, with virt-api and virt-controller. */
  readonly binaries: string;
  readonly manifests: string;
  readonly version: string;
  /** Of virt-api; several stand behind a balancer. */
  readonly replicas: number;
}

export interface RunningKubeVirt {
  readonly virtApis: readonly Replica[];
  close(): void;
}

/** One virt-api. */
export interface Replica {
  kill(): Promise<void>;
  /** As a kubelet does with a container that has ended. */
  restart(): void;
}

export async function startKubeVirt(
  plane: ControlPlane,
  { binaries, manifests, version, replicas }: KubeVirtSettings,
): Promise<RunningKubeVirt> {
  const { client, authority } = plane;
  const ports = await Promise.all(Array.from({ length: replicas }, freePort));
  const [own = 0] = ports;
  const balancer: Balancer =
    replicas === 1 ? { port: own, close: () => {} } : await openBalancer(ports);
  const { port } = balancer;
  const { certificate } = authority;
  const endpoint: Endpoint = {
    service: 'virt-api',
    namespace: NAMESPACE,
    port,
    authority: certificate,
  };
  const objects = readManifests(manifests);
  const isLate = ({ kind }: KubeObject) => /Webhook|APIService/.test(kind);
  await apply(client, namespace(NAMESPACE));
  for (const object of objects.filter((each) => !isLate(each))) await apply(client, object);
  await until('the kinds of KubeVirt are served', () => isServed(plane, 'kubevirts'));
  for (const object of installation(certificate)) await apply(client, object);
  await client.raw({
    method: 'PATCH',
    path: `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/kubevirts/kubevirt/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { phase: 'Deployed', observedKubeVirtVersion: version } },
  });
  await apply(client, loopbackService(endpoint));
  const virtApis = ports.map((at, i) => startReplica(plane, binaries, { at, i }));
  startVirtController(plane, binaries, await freePort());
  for (const object of objects.filter(isLate)) await apply(client, atLoopback(object, endpoint));
  const version1 = '/apis/subresources.kubevirt.io/v1/version';
  const log = virtApis[0]?.log ?? '';
  await until('virt-api answers', () => isOk(plane, version1), { log });
  return { virtApis, close: balancer.close };
}

function startReplica(
  plane: ControlPlane,
  binaries: string,
  { at, i }: { readonly at: number; readonly i: number },
): Replica & { readonly log: string } {
  const name = i === 0 ? 'virt-api' : `virt-api-${i + 1}`;
  let program = startVirtApi(plane, binaries, { name, port: at });
  return {
    log: program.log,
    kill: () => program.stop('SIGKILL'),
    restart() {
      program = startVirtApi(plane, binaries, { name, port: at });
    },
  };
}

function startVirtApi(
  plane: ControlPlane,
  binaries: string,
  { name, port }: { readonly name: string; readonly port: number },
): Program {
  const { authority } = plane;
  const own = authority.server('virt-api', ['virt-api.kubevirt.svc']);
  const handler = authority.client('virt-api-to-handler', 'kubevirt.io:system:client:virt-handler');
  return plane.start(name, `${binaries}/virt-api`, [
    `--kubeconfig=${kubeconfigFor(plane, 'kubevirt-apiserver')}`,
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--tls-cert-file=${own.crt}`,
    `--tls-key-file=${own.keyFile}`,
    `--handler-cert-file=${handler.crt}`,
    `--handler-key-file=${handler.keyFile}`,
    '-v=2',
  ]);
}

function startVirtController(plane: ControlPlane, binaries: string, port: number) {
  const own = plane.authority.server('virt-controller', ['virt-controller.kubevirt.svc']);
  return plane.start('virt-controller', `${binaries}/virt-controller`, [
    `--kubeconfig=${kubeconfigFor(plane, 'kubevirt-controller')}`,
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--prom-cert-file=${own.crt}`,
    `--prom-key-file=${own.keyFile}`,
    '--launcher-image=quay.io/kubevirt/virt-launcher:real',
    '-v=2',
  ]);
}

/** By a certificate that makes its holder the service account. */
function kubeconfigFor({ authority, url }: ControlPlane, account: string): string {
  const user = `system:serviceaccount:${NAMESPACE}:${account}`;
  return authority.kubeconfig(url, authority.client(account, user, 'system:serviceaccounts'));
}

function installation(certificate: string): readonly KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kubevirt-ca', namespace: NAMESPACE },
      data: { 'ca-bundle': certificate },
    },
    {
      apiVersion: 'kubevirt.io/v1',
      kind: 'KubeVirt',
      metadata: { name: 'kubevirt', namespace: NAMESPACE },
      spec: {},
    },
  ] as readonly KubeObject[];
}

export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function isServed(plane: ControlPlane, plural: string): Promise<boolean> {
  return isOk(plane, `/apis/kubevirt.io/v1/${plural}`);
}

async function isOk({ client }: ControlPlane, path: string): Promise<boolean> {
  const { status } = await client.transport.request({ method: 'GET', path });
  return status === 200;
}
