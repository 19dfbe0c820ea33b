/** The scale subresource: the replicas of a workload, as an autoscaling/v1 Scale. */

import type { KubeObject } from '../../../api/object.ts';
import { mergePatch } from '../patches/merge-patch.ts';
import { fieldInvalid, invalid, methodNotAllowed } from '../refusal.ts';
import type { Target } from '../routes.ts';
import type { Context } from './context.ts';
import { existing, writeUpdate } from './update.ts';
import { type ServerRequest, writeOptionsOf } from './write-options.ts';

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly labelSelector?: string };
}

/** GET, PUT or PATCH of the scale; the scale afterwards. */
export function handleScale(context: Context, target: Target, request: ServerRequest): KubeObject {
  const current = existing(context.store.collection(target.definition), target) as Workload;
  const scale = scaleOf(current);
  if (request.method === 'GET') return scale;
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed();
  const wanted = (
    request.method === 'PUT' ? request.body : mergePatch(scale, request.body)
  ) as Workload;
  const replicas = wanted.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    const detail = 'must be greater than or equal to 0';
    const cause = fieldInvalid('spec.replicas', replicas, detail);
    throw invalid(target.definition.resource, current.metadata.name, [cause]);
  }
  const { resourceVersion } = wanted.metadata;
  const metadata = {
    ...current.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const object = { ...current, metadata, spec: { ...current.spec, replicas } };
  const main: Target = { ...target, subresource: undefined };
  return scaleOf(writeUpdate(context, main, current, object, writeOptionsOf(request)) as Workload);
}

function scaleOf({ metadata, spec, status }: Workload): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: spec?.replicas ?? 0 },
    status: {
      replicas: status?.replicas ?? 0,
      ...(status?.labelSelector === undefined ? {} : { selector: status.labelSelector }),
    },
  };
}
