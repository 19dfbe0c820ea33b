/**
 * What the two pods of a copy have to talk to each other (upload-controller.go and
 * clone-controller.go, v1.58.4): a certificate each, and the Service by whose name the upload
 * server is called. Secrets and Services have buckets of requests of their own.
 */

import type { Pod } from '../../../../api/compute.ts';
import type { KubeObject } from '../../../../api/object.ts';
import { SECRETS, SERVICES } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/storage.ts';
import { createOnce } from '../../../../kube/create-once.ts';
import { controllerReference, isDeleting } from '../../chassis/ownership.ts';
import { ANNOTATION, CDI_APP, LABEL } from '../vocabulary.ts';
import { type Cdi, removeIfThere } from './cdi.ts';

const UPLOAD = { component: 'cdi-upload-server', annotation: ANNOTATION.createdByUpload };
const SOURCE = { component: 'cdi-clone-source', annotation: ANNOTATION.createdBy };

export function makeServerCertificate(cdi: Cdi, pod: Pod): Promise<void> {
  return makeCertificate(cdi, pod, UPLOAD);
}

/** Asked for with each look at a pod that does not run: what is there already is refused. */
export function makeClientCertificate(cdi: Cdi, pod: Pod): Promise<void> {
  return makeCertificate(cdi, pod, SOURCE);
}

/** ensureCertSecret. Nobody here speaks TLS, so the values are empty. */
async function makeCertificate({ client }: Cdi, pod: Pod, by: typeof UPLOAD | typeof SOURCE) {
  await createOnce(client, SECRETS, {
    apiVersion: 'v1',
    kind: SECRETS.kind,
    metadata: metadataOf(pod, pod.metadata.name, by),
    data: { 'tls.crt': '', 'tls.key': '' },
  } as KubeObject);
}

/** getOrCreateUploadService, of the name of the pod. */
export async function ensureService(
  { lab, client }: Cdi,
  claim: PersistentVolumeClaim,
  name: string,
): Promise<void> {
  if (lab.copies.services.get(claim.metadata.namespace, name)) return;
  await createOnce(client, SERVICES, {
    apiVersion: 'v1',
    kind: SERVICES.kind,
    metadata: metadataOf(claim, name, UPLOAD),
    spec: {
      ports: [{ protocol: 'TCP', port: 443, targetPort: 8443 }],
      selector: { [LABEL.uploadService]: name },
    },
  } as KubeObject);
}

export async function removeService(
  { lab, client }: Cdi,
  { metadata: { namespace } }: PersistentVolumeClaim,
  name: string,
): Promise<void> {
  const service = lab.copies.services.get(namespace, name);
  if (service && !isDeleting(service)) await removeIfThere(client, SERVICES, service.metadata);
}

function metadataOf(owner: KubeObject, name: string, by: typeof UPLOAD | typeof SOURCE) {
  return {
    name,
    namespace: owner.metadata.namespace ?? '',
    annotations: { [by.annotation]: 'yes' },
    labels: { [LABEL.app]: CDI_APP, [LABEL.component]: by.component },
    ownerReferences: [controllerReference(owner)],
  };
}
