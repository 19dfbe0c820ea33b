/**
 * Status conditions as values. The transition time moves only when the status does, and a list
 * that would not change is returned as it is, so that callers can compare by identity.
 */

import type { Condition } from '../../../api/object.ts';

export interface ConditionValue {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** Set together with the condition where given; kept otherwise. */
  readonly lastProbeTime?: string | null;
}

export type Conditions = readonly Condition[] | undefined;

export function findCondition(conditions: Conditions, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: Conditions, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** The list with this condition in it; `stamp` is now as a metav1.Time. */
export function withCondition(
  conditions: Conditions,
  value: ConditionValue,
  stamp: string,
): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex((condition) => condition.type === value.type);
  const before = list[at];
  if (before && isSame(before, value)) return list;
  const now: Condition = {
    type: value.type,
    status: value.status,
    lastProbeTime: value.lastProbeTime ?? null,
    lastTransitionTime:
      before?.status === value.status ? (before.lastTransitionTime ?? stamp) : stamp,
    ...(value.reason ? { reason: value.reason } : {}),
    ...(value.message ? { message: value.message } : {}),
  };
  return before ? list.with(at, now) : [...list, now];
}

/**
 * The list with this very condition, stamps and all, where status or reason differ from what is
 * there; KubeVirt's own way, in which a new message alone is not written.
 */
export function replacing(conditions: Conditions, value: Condition): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex((condition) => condition.type === value.type);
  const before = list[at];
  if (!before) return [...list, value];
  const same = before.status === value.status && (before.reason ?? '') === (value.reason ?? '');
  return same ? list : list.with(at, value);
}

export function withoutCondition(conditions: Conditions, type: string): readonly Condition[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type)
    ? list.filter((condition) => condition.type !== type)
    : list;
}

function isSame(before: Condition, value: ConditionValue): boolean {
  return (
    before.status === value.status &&
    (before.reason ?? '') === (value.reason ?? '') &&
    (before.message ?? '') === (value.message ?? '')
  );
}
