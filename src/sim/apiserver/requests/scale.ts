/** The scale subresource: the replicas of a workload, as an autoscaling/v1 Scale. */

import type { KubeObject } from '../../../api/object.ts';
import type { ScalePaths } from '../kinds/definition.ts';
import { mergePatch } from '../patches/merge-patch.ts';
import { fieldInvalid, invalid, methodNotAllowed } from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import type { Context } from './context.ts';
import { existing, writeUpdate } from './update.ts';
import { validated } from './validation.ts';
import { type ServerRequest, readWriteOptions } from './write-options.ts';

const OWN_PATHS: ScalePaths = {
  replicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['status', 'labelSelector'],
};

/** GET, PUT or PATCH of the scale; the scale afterwards. */
export function handleScale(context: Context, target: Target, request: ServerRequest): KubeObject {
  const { definition } = target;
  const paths = target.asked.scale ?? OWN_PATHS;
  const current = existing(context.store.collection(definition), target);
  const scale = toScale(current, paths);
  if (request.method === 'GET') return scale;
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed();
  const wanted = (request.method === 'PUT' ? request.body : mergePatch(scale, request.body)) as
    | Partial<KubeObject>
    | undefined;
  const replicas = valueAt(wanted, OWN_PATHS.replicas) ?? 0;
  if (!Number.isInteger(replicas) || (replicas as number) < 0) {
    const detail = 'must be greater than or equal to 0';
    const cause = fieldInvalid('spec.replicas', replicas, detail);
    throw invalid(definition.resource, current.metadata.name, [cause]);
  }
  const main: Target = { ...target, subresource: undefined };
  const options = readWriteOptions(request);
  const scaled = withValueAt(current, paths.replicas, replicas) as KubeObject;
  const object = validated(main, scaled, options, 'body');
  const resourceVersion = wanted?.metadata?.resourceVersion;
  const metadata = {
    ...current.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return toScale(writeUpdate(context, main, current, { ...object, metadata }, options), paths);
}

function toScale(object: KubeObject, paths: ScalePaths): KubeObject {
  const { metadata } = object;
  const selector = paths.selector && valueAt(object, paths.selector);
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
    spec: { replicas: valueAt(object, paths.replicas) ?? 0 },
    status: {
      replicas: valueAt(object, paths.statusReplicas) ?? 0,
      ...(typeof selector === 'string' ? { selector } : {}),
    },
  };
}

type Tree = Readonly<Record<string, unknown>>;

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((tree, key) => (tree as Tree | null | undefined)?.[key], value);
}

function withValueAt(value: unknown, [key, ...rest]: readonly string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const tree = (value ?? {}) as Tree;
  return { ...tree, [key]: withValueAt(tree[key], rest, leaf) };
}
