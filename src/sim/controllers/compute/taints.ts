/** Taints of nodes that are in no state to run anything, and who tolerates them for how long. */

import type { Node, Toleration } from '../../../api/compute.ts';
import { OUT_OF_SERVICE } from '../../../api/taints.ts';
import { SECOND } from '../../../core/duration.ts';
import { isTrue } from './conditions.ts';

export type Taint = NonNullable<Node['spec']['taints']>[number];

/** Given up by whoever has fenced it, and not heard of (kubernetes KEP-2268). */
export function isOutOfService({ spec, status }: Node): boolean {
  const isFenced = spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;
  return isFenced && !isTrue(status?.conditions, 'Ready');
}

export function evictingTaints(node: Node | undefined): readonly Taint[] {
  return node?.spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

/**
 * For how long a pod with these tolerations may stay, in microseconds: the shortest of those that
 * have a limit, 0 where a taint is not tolerated at all.
 */
export function staysUs(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined = [],
): number {
  const limits = taints.map((taint) => {
    const fitting = tolerations.filter((toleration) => tolerates(toleration, taint));
    const seconds = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    return fitting.length === 0 ? 0 : Math.min(Number.POSITIVE_INFINITY, ...seconds);
  });
  return Math.min(Number.POSITIVE_INFINITY, ...limits) * SECOND;
}

function tolerates({ key, operator, effect, value }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || (value ?? '') === (taint.value ?? '');
}
