/** Manifests that the user names, applied as they are but for where their webhooks live. */

import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../src/api/object.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';

export function readManifests(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
    const value = document.toJS() as KubeObject | null;
    return value === null ? [] : [value];
  });
}

/** Where a component listens: the service of its manifests, and its port on loopback. */
export interface Endpoint {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly authority: string;
}

const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

interface Hook {
  readonly clientConfig: { readonly service?: { readonly name: string; readonly path?: string } };
}

/** Webhooks of the endpoint's service are called by address; others are left out. */
export function atLoopback(object: KubeObject, endpoint: Endpoint): KubeObject {
  const caBundle = Buffer.from(endpoint.authority).toString('base64');
  if (WEBHOOKS.includes(object.kind)) {
    const { webhooks } = object as KubeObject & { readonly webhooks: readonly Hook[] };
    const kept = webhooks.filter(
      ({ clientConfig: { service } }) => service?.name === endpoint.service,
    );
    const moved = kept.map((hook) => {
      const path = hook.clientConfig.service?.path ?? '';
      const url = `https://localhost:${endpoint.port}${path}`;
      return { ...hook, clientConfig: { url, caBundle } };
    });
    return { ...object, webhooks: moved } as KubeObject;
  }
  if (object.kind !== 'APIService') return object;
  const { spec } = object as KubeObject & { readonly spec: Readonly<Record<string, unknown>> };
  const service = { name: endpoint.service, namespace: endpoint.namespace, port: endpoint.port };
  const { insecureSkipTLSVerify: _, ...rest } = spec;
  return { ...object, spec: { ...rest, service, caBundle } } as KubeObject;
}

/** A service that leads to loopback: the aggregator follows the external name. */
export function loopbackService({ service, namespace, port }: Endpoint): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  } as KubeObject;
}

/** Server-side apply, so that it can be done again. */
export async function apply(client: KubeClient, object: KubeObject): Promise<void> {
  const { namespace, name } = object.metadata;
  const base = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : '/api/v1';
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const path = `${base}${scope}/${pluralOf(object.kind)}/${encodeURIComponent(name)}`;
  const query = { fieldManager: 'real-arm', force: 'true' };
  const contentType = 'application/apply-patch+yaml';
  try {
    await client.raw({ method: 'PATCH', path, query, body: object, contentType });
  } catch (error) {
    if (error instanceof ApiError) throw new Error(`${object.kind} ${name}: ${error.message}`);
    throw error;
  }
}

const IRREGULAR: Readonly<Record<string, string>> = {
  CDI: 'cdis',
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
};

function pluralOf(kind: string): string {
  const regular = kind.toLowerCase();
  return IRREGULAR[kind] ?? (regular.endsWith('y') ? `${regular.slice(0, -1)}ies` : `${regular}s`);
}
