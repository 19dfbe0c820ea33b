/** A real cdi-controller on a control plane, as cdi-operator would have set it up. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubeObject } from '../../../src/api/object.ts';
import type { ControlPlane } from './control-plane.ts';
import { namespace } from './kubevirt.ts';
import { apply, readManifests } from './manifests.ts';
import { until } from './programs.ts';

const NAMESPACE = 'cdi';
/** Where the binary looks for the key that clone tokens are signed with: the path is built in. */
const TOKEN_KEYS = '/var/run/cdi/token/keys';

export interface CdiSettings {
  /** Folder below that of the binaries, with cdi-controller; its name ends in the version. */
  readonly binaries: string;
  readonly manifests: string;
}

/** Without cdi-apiserver, whose port is that of the controller's metrics: one machine has one. */
export async function startCdi(plane: ControlPlane, settings: CdiSettings): Promise<void> {
  const { client, authority, url } = plane;
  await apply(client, namespace(NAMESPACE));
  for (const object of readManifests(settings.manifests)) await apply(client, object);
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
  writeTokenKeys();
  const account = `system:serviceaccount:${NAMESPACE}:cdi-sa`;
  const own = authority.client('cdi-sa', account, 'system:serviceaccounts');
  const signer = createSigner(plane.folder);
  const args = [`--kubeconfig=${authority.kubeconfig(url, own)}`, '-v=1'];
  plane.start('cdi-controller', join(settings.binaries, 'cdi-controller'), args, {
    UPLOAD_SERVER_KEY_FILE: signer.key,
    UPLOAD_SERVER_CERT_FILE: signer.certificate,
    UPLOAD_CLIENT_KEY_FILE: signer.key,
    UPLOAD_CLIENT_CERT_FILE: signer.certificate,
    ...IMAGES,
  });
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

function writeTokenKeys(): void {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const file = join(TOKEN_KEYS, 'id_rsa');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, privateKey, { mode: 0o600 });
  writeFileSync(`${file}.pub`, publicKey);
}
