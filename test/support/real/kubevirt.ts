/** Real virt-api and virt-controller on a control plane, as virt-operator would have set them up. */

import type { KubeObject } from '../../../src/api/object.ts';
import type { ControlPlane } from './control-plane.ts';
import { apply, atLoopback, type Endpoint, loopbackService, readManifests } from './manifests.ts';
import { freePort, until } from './programs.ts';

const NAMESPACE = 'kubevirt';

export interface KubeVirtSettings {
  /** Folder below that of the binaries, with virt-api and virt-controller. */
  readonly binaries: string;
  readonly manifests: string;
  readonly version: string;
}

export async function startKubeVirt(
  plane: ControlPlane,
  { binaries, manifests, version }: KubeVirtSettings,
): Promise<void> {
  const { client, authority } = plane;
  const port = await freePort();
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
  const virtApi = startVirtApi(plane, binaries, port);
  startVirtController(plane, binaries, await freePort());
  for (const object of objects.filter(isLate)) await apply(client, atLoopback(object, endpoint));
  const version1 = '/apis/subresources.kubevirt.io/v1/version';
  await until('virt-api answers', () => isOk(plane, version1), { log: virtApi.log });
}

function startVirtApi(plane: ControlPlane, binaries: string, port: number) {
  const { authority } = plane;
  const own = authority.server('virt-api', ['virt-api.kubevirt.svc']);
  const handler = authority.client('virt-api-to-handler', 'kubevirt.io:system:client:virt-handler');
  return plane.start('virt-api', `${binaries}/virt-api`, [
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
