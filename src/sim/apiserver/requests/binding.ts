/** POST on pods/binding: the scheduler gives a pod its node (registry/core/pod/storage). */

import type { KubeObject, Status } from '../../../api/object.ts';
import { conflict, fieldRequired, invalid, success } from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import type { Draft } from '../registry/store.ts';
import type { Context } from './context.ts';
import { existing } from './update.ts';

export function bindPod(context: Context, target: Target, body: unknown): Status {
  const { resource } = target.definition;
  const collection = context.store.collection(target.definition);
  const pod = existing(collection, target);
  const nodeName = (body as { readonly target?: { readonly name?: string } } | undefined)?.target
    ?.name;
  const { name } = pod.metadata;
  if (!nodeName) throw invalid(resource, name, [fieldRequired('target.name', '')]);
  const spec = pod.spec as Readonly<Record<string, unknown>>;
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(resource, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec['nodeName']) {
    const cause = `pod ${name} is already assigned to node "${spec['nodeName'] as string}"`;
    throw conflict(resource, name, cause);
  }
  const draft: Draft = {
    ...pod,
    metadata: { ...pod.metadata },
    spec: { ...spec, nodeName },
    status: { ...(pod.status as object), conditions: scheduled(context, pod) },
  };
  context.store.put(collection, draft, pod);
  return success();
}

function scheduled(context: Context, pod: KubeObject): readonly unknown[] {
  const status = pod.status as { readonly conditions?: readonly { type: string }[] } | undefined;
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: context.stamp(),
  };
  return [...others, condition];
}
