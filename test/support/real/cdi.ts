/** Real cdi-controller and cdi-apiserver on a control plane, as cdi-operator would have set them up. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubeObject } from '../../../src/api/object.ts';
import type { ControlPlane } from './control-plane.ts';
import { namespace } from './kubevirt.ts';
import { apply, atLoopback, type Endpoint, loopbackService, readManifests } from './manifests.ts';
import { openOwnNetwork } from './own-network.ts';
import { until } from './programs.ts';

const NAMESPACE = 'cdi';
/** Where the binary looks for the key that clone tokens are signed with: the path is built in. */
const TOKEN_KEYS = '/var/run/cdi/token/keys';
/** Where cdi-apiserver listens: built in, and the controller's metrics too. */
const API_PORT = 8443;

export interface CdiSettings {
  /** Folder below that of the binaries, with cdi-controller; its name ends in the version. */
  readonly binaries: string;
  readonly manifests: string;
}

export interface RunningCdi {
  close(): Promise<void>;
}

/**
 * cdi-apiserver where its binary is there; cdi-controller then has a network of its own, since both
 * listen at the same port.
 */
export async function startCdi(plane: ControlPlane, settings: CdiSettings): Promise<RunningCdi> {
  const { client, authority, url } = plane;
  const objects = readManifests(settings.manifests);
  const isLate = ({ kind }: KubeObject) => /Webhook|APIService/.test(kind);
  await apply(client, namespace(NAMESPACE));
  for (const object of objects.filter((each) => !isLate(each))) await apply(client, object);
  await until('the kinds of CDI are served', async () => {
    const { status } = await client.transport.request({
      method: 'GET',
      path: '/apis/cdi.kubevirt.io/v1beta1/cdis',
    });
    return status === 200;
  });
  // Its kind has no status of its own to write: cdi-operator writes the whole.
  await apply(client, cdi(settings.binaries));
  for (const object of bundles(authority.certificate)) await apply(client, object);
  await apply(client, writeTokenKeys());
  const isWhole = existsSync(join(plane.binaries, settings.binaries, 'cdi-apiserver'));
  if (!isWhole) {
    startController(plane, settings);
    return { close: () => Promise.resolve() };
  }
  const network = openOwnNetwork(Number(new URL(url).port), plane.folder);
  startController(plane, settings, network.command);
  await startApiServer(plane, settings, objects.filter(isLate));
  return network;
}

function startController(
  plane: ControlPlane,
  { binaries }: CdiSettings,
  by: readonly string[] = [],
): void {
  const signer = createSigner(plane.folder);
  const args = [`--kubeconfig=${kubeconfigFor(plane, 'cdi-sa')}`, '-v=1'];
  const env = {
    UPLOAD_SERVER_KEY_FILE: signer.key,
    UPLOAD_SERVER_CERT_FILE: signer.certificate,
    UPLOAD_CLIENT_KEY_FILE: signer.key,
    UPLOAD_CLIENT_CERT_FILE: signer.certificate,
    ...IMAGES,
  };
  plane.start('cdi-controller', join(binaries, 'cdi-controller'), args, { env, by });
}

/** Its webhooks, which authorize clones, and its uploads. */
async function startApiServer(
  plane: ControlPlane,
  { binaries }: CdiSettings,
  late: readonly KubeObject[],
): Promise<void> {
  const { client, authority } = plane;
  const own = authority.server('cdi-api', [`cdi-api.${NAMESPACE}.svc`]);
  const endpoint: Endpoint = {
    service: 'cdi-api',
    namespace: NAMESPACE,
    port: API_PORT,
    authority: authority.certificate,
  };
  const args = [`--kubeconfig=${kubeconfigFor(plane, 'cdi-apiserver')}`, '-v=1'];
  const env = { CERT_FILE: own.crt, KEY_FILE: own.keyFile };
  const { log } = plane.start('cdi-apiserver', join(binaries, 'cdi-apiserver'), args, { env });
  await apply(client, loopbackService(endpoint));
  for (const object of late) await apply(client, atLoopback(object, endpoint));
  const path = '/apis/upload.cdi.kubevirt.io/v1beta1';
  await until(
    'cdi-apiserver answers',
    async () => (await client.transport.request({ method: 'GET', path })).status === 200,
    { log },
  );
}

/** By a certificate that makes its holder the service account. */
function kubeconfigFor({ authority, url }: ControlPlane, account: string): string {
  const user = `system:serviceaccount:${NAMESPACE}:${account}`;
  return authority.kubeconfig(url, authority.client(account, user, 'system:serviceaccounts'));
}

/** Its nodes are played, so no image is ever pulled. */
const IMAGES = {
  IMPORTER_IMAGE: 'quay.io/kubevirt/cdi-importer:real',
  CLONER_IMAGE: 'quay.io/kubevirt/cdi-cloner:real',
  UPLOADSERVER_IMAGE: 'quay.io/kubevirt/cdi-uploadserver:real',
  OVIRT_POPULATOR_IMAGE: 'quay.io/kubevirt/cdi-importer:real',
  UPLOADPROXY_SERVICE: 'cdi-uploadproxy',
};

function cdi(version: string): KubeObject {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'CDI',
    metadata: { name: 'cdi' },
    spec: {},
    status: { phase: 'Deployed', observedVersion: version },
  } as KubeObject;
}

function bundles(certificate: string): readonly KubeObject[] {
  return ['cdi-uploadserver-signer-bundle', 'cdi-uploadserver-client-signer-bundle'].map(
    (name) =>
      ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: NAMESPACE },
        data: { 'ca-bundle.crt': certificate },
      }) as KubeObject,
  );
}

/** CDI signs for its upload servers with RSA alone, and our authority is of elliptic curves. */
function createSigner(folder: string): { readonly key: string; readonly certificate: string } {
  const [key, certificate] = [join(folder, 'signer.key'), join(folder, 'signer.crt')];
  const made = ['-keyout', key, '-out', certificate, '-subj', '/CN=cdi-uploadserver-signer'];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'];
  execFileSync('openssl', ['req', ...kind, ...made], { stdio: 'pipe' });
  return { key, certificate };
}

/** As a file for the controller; the Secret is for cdi-apiserver, which would make its own. */
function writeTokenKeys(): KubeObject {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const file = join(TOKEN_KEYS, 'id_rsa');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, privateKey, { mode: 0o600 });
  writeFileSync(`${file}.pub`, publicKey);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cdi-api-signing-key', namespace: NAMESPACE },
    stringData: { id_rsa: privateKey, 'id_rsa.pub': publicKey },
  } as KubeObject;
}
