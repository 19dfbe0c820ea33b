/**
 * What an Indexed Job makes of its pods: which indexes are done, which failed for good, and what is
 * to be started or ended now (kubernetes pkg/controller/job: indexed_job_utils.go,
 * pod_failure_policy.go). A pod that a rule ignores is no failure of its index, and one that has
 * vanished is none either.
 */

import type { Pod } from '../../../api/compute.ts';
import type { Condition, KubeObject } from '../../../api/object.ts';

export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: JobStatus;
}

interface JobSpec {
  readonly completionMode?: string;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly suspend?: boolean;
  readonly podFailurePolicy?: { readonly rules: readonly FailureRule[] };
  readonly template: {
    readonly metadata?: Partial<KubeObject['metadata']>;
    readonly spec: Pod['spec'];
  };
}

type FailureAction = 'Ignore' | 'Count' | 'FailIndex' | 'FailJob';

interface FailureRule {
  readonly action: FailureAction;
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

export interface JobStatus {
  readonly active?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  /** `0-2,5`. */
  readonly completedIndexes?: string;
  readonly failedIndexes?: string;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly Condition[];
}

export interface JobState {
  readonly succeeded: readonly number[];
  readonly failedIndexes: readonly number[];
  /** Failures that count, of all indexes. */
  readonly failures: number;
  readonly active: readonly Pod[];
  /** Indexes that want a pod now. */
  readonly toStart: readonly number[];
  /** Why the Job is over; undefined while it is not. */
  readonly end: { readonly type: 'Complete' | 'Failed'; readonly reason?: string } | undefined;
}

/** The default of the API. */
const BACKOFF_LIMIT = 6;

/** Of an annotation, and since Kubernetes 1.28 of a label too. */
export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

function indexOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[INDEX_KEY] ?? Number.NaN);
}

export function isOver({ status }: Job): boolean {
  const ends = (status?.conditions ?? []).filter((each) => /^(Complete|Failed)$/.test(each.type));
  return ends.some((each) => each.status === 'True');
}

/** `pods`: those that the Job controls. */
export function judgeJob({ spec, status }: Job, pods: readonly Pod[]): JobState {
  const { completions = 1, parallelism = 1, backoffLimitPerIndex: perIndex } = spec;
  const before = parseIndexes(status?.completedIndexes);
  const done = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(indexOf);
  const succeeded = [...new Set([...before, ...done])].sort((a, b) => a - b);
  const failed = pods.filter((pod) => pod.status?.phase === 'Failed');
  const judged = failed.map((pod) => ({ index: indexOf(pod), action: actionFor(spec, pod) }));
  const counted = judged.filter(({ action }) => action !== 'Ignore');
  const failedIndexes = failedFor(counted, perIndex).filter((index) => !succeeded.includes(index));
  const active = pods.filter((pod) => !/^(Succeeded|Failed)$/.test(pod.status?.phase ?? ''));
  const limit = spec.backoffLimit ?? (perIndex === undefined ? BACKOFF_LIMIT : Number.MAX_VALUE);
  const end = endOf({ succeeded, failedIndexes, completions }, counted, limit);
  const taken = new Set([...succeeded, ...failedIndexes, ...active.map(indexOf)]);
  const free = Array.from({ length: completions }, (_, i) => i).filter((i) => !taken.has(i));
  const isResting = end !== undefined || spec.suspend === true;
  const toStart = isResting ? [] : free.slice(0, Math.max(0, parallelism - active.length));
  return { succeeded, failedIndexes, failures: counted.length, active, toStart, end };
}

interface Failure {
  readonly index: number;
  readonly action: FailureAction;
}

function failedFor(counted: readonly Failure[], perIndex: number | undefined): readonly number[] {
  if (perIndex === undefined) return [];
  const times = new Map<number, number>();
  for (const { index, action } of counted) {
    const weight = action === 'FailIndex' ? Number.MAX_VALUE : 1;
    times.set(index, (times.get(index) ?? 0) + weight);
  }
  return [...times].flatMap(([index, n]) => (n > perIndex ? [index] : [])).sort((a, b) => a - b);
}

function endOf(
  counts: Pick<JobState, 'succeeded' | 'failedIndexes'> & { readonly completions: number },
  counted: readonly Failure[],
  limit: number,
): JobState['end'] {
  const { succeeded, failedIndexes, completions } = counts;
  if (counted.some(({ action }) => action === 'FailJob')) {
    return { type: 'Failed', reason: 'PodFailurePolicy' };
  }
  if (counted.length > limit) return { type: 'Failed', reason: 'BackoffLimitExceeded' };
  if (succeeded.length + failedIndexes.length < completions) return undefined;
  return failedIndexes.length > 0
    ? { type: 'Failed', reason: 'FailedIndexes' }
    : { type: 'Complete' };
}

/** The first rule that fits. */
function actionFor({ podFailurePolicy }: JobSpec, pod: Pod): FailureAction {
  return podFailurePolicy?.rules.find((rule) => fits(rule, pod))?.action ?? 'Count';
}

function fits({ onPodConditions, onExitCodes }: FailureRule, pod: Pod): boolean {
  const isInState = onPodConditions?.some(({ type, status = 'True' }) =>
    pod.status?.conditions?.some((each) => each.type === type && each.status === status),
  );
  if (isInState) return true;
  if (onExitCodes === undefined) return false;
  const { containerName, operator, values } = onExitCodes;
  return (pod.status?.containerStatuses ?? []).some(({ name, state }) => {
    const ended = state?.['terminated'] as { readonly exitCode?: number } | undefined;
    const code = ended?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && name !== containerName)) return false;
    return values.includes(code) === (operator === 'In');
  });
}

/** `0-2,5` for 0, 1, 2 and 5; ascending. */
export function formatIndexes(indexes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

function parseIndexes(text = ''): readonly number[] {
  return text.split(',').flatMap((part) => {
    if (part === '') return [];
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
