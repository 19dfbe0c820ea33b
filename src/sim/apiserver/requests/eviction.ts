/**
 * An eviction is a deletion that asks first: budgets that it would break object, and want to be
 * asked again (kubernetes pkg/registry/core/pod/storage/eviction.go).
 */

import type { KubeObject, Status } from '../../../api/object.ts';
import { DISRUPTION_BUDGETS, PODS } from '../../../api/resources.ts';
import { failure } from '../../../api/status.ts';
import { Refusal, success } from '../core/refusal.ts';
import type { Target } from '../registry/routes.ts';
import type { Context } from './context.ts';
import { deleteObject } from './remove.ts';
import { existing } from './update.ts';
import type { ServerRequest } from './write-options.ts';

export function evictPod(context: Context, target: Target, { body, query }: ServerRequest): Status {
  const pod = existing(context.store.collection(target.definition), target);
  context.evictionAsked(pod);
  // What has ended already is no loss to anybody.
  if (!hasEnded(pod) && budgetsOf(context, pod).some((budget) => isSpent(context, budget))) {
    throw new Refusal(failure(429, 'TooManyRequests', WOULD_VIOLATE));
  }
  const options = (body as { readonly deleteOptions?: unknown } | undefined)?.deleteOptions;
  deleteObject(context, target, options, query);
  return success();
}

const WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget.";

interface Budget {
  readonly minAvailable?: number;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

function budgetsOf({ around }: Context, { metadata }: KubeObject): readonly KubeObject[] {
  return around
    .list(DISRUPTION_BUDGETS)
    .filter((budget) => budget.metadata.namespace === metadata.namespace)
    .filter((budget) => selects(budget, metadata.labels));
}

function selects(
  { spec }: KubeObject,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries((spec as Budget).selector?.matchLabels ?? {});
  return wanted.every(([key, value]) => labels?.[key] === value);
}

/** One pod fewer would be too few. Only a number of pods is known here, no share. */
function isSpent({ around }: Context, budget: KubeObject): boolean {
  const healthy = around
    .list(PODS)
    .filter(({ metadata }) => metadata.namespace === budget.metadata.namespace)
    .filter((pod) => selects(budget, pod.metadata.labels) && !hasEnded(pod))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return healthy.length <= ((budget.spec as Budget).minAvailable ?? 0);
}

function hasEnded({ status }: KubeObject): boolean {
  const { phase } = (status ?? {}) as { readonly phase?: string };
  return phase === 'Succeeded' || phase === 'Failed';
}
