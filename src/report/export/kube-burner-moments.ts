/**
 * The moments of each boot, clone and snapshot under the names that kube-burner has for them.
 * Kube-burner counts a boot from the creation of the VM, which for a VM that was deployed before
 * would be hours; here it counts from the request that started it. Clones and snapshots count from
 * their first sight, as everywhere in bench.
 */

import { bootIsAsked, type Measured, measuredOperations } from '../../analyse/spans.ts';
import { milestoneSighting } from '../../analyse/milestone-sighting.ts';
import type { ObjectTable } from '../../record/object-table.ts';
import type { Run, RunStep } from '../../record/run.ts';
import { slug } from './export-source.ts';

/** Microseconds since the beginning; a moment that was not seen is absent. */
type Moments<Name extends string> = Readonly<Partial<Record<Name, number>>>;

export const BOOT_MOMENTS = [
  'vmiCreated',
  'vmiPending',
  'vmiScheduling',
  'vmiScheduled',
  'vmiRunning',
  'vmReady',
  'podCreated',
  'podScheduled',
  'podInitialized',
  'podContainersReady',
  'podReady',
  'podReadyToStartContainers',
] as const;

export const VOLUME_MOMENTS = ['dvBound', 'dvRunning', 'dvReady'] as const;

export const CLAIM_MOMENTS = ['pending', 'binding', 'lost', 'resize'] as const;

export const SNAPSHOT_MOMENTS = ['vsReady'] as const;

export interface Measurement<Name extends string> {
  readonly job: Job;
  /** Of the wave, from 0, and inside it, from 1. */
  readonly iteration: number;
  readonly replica: number;
  /** Of a warm-up wave: in no percentile. */
  readonly isWarmup: boolean;
  readonly name: string;
  readonly pod?: string | undefined;
  readonly node?: string | undefined;
  /** When it begins, microseconds since the run's start. */
  readonly beginsUs: number;
  readonly moments: Moments<Name>;
  /** Whether its last moment was reached, in time. */
  readonly outcome: 'reached' | 'failed' | 'censored';
  readonly reason?: string | undefined;
}

/** A step, or one of its arms: PVC clones and snapshot clones are never pooled. */
export interface Job {
  readonly name: string;
  readonly step: RunStep;
  /** Index into the step's variants. */
  readonly variant: number;
}

export interface Measurements {
  readonly boots: readonly Measurement<(typeof BOOT_MOMENTS)[number]>[];
  readonly volumes: readonly Measurement<(typeof VOLUME_MOMENTS)[number]>[];
  readonly claims: readonly Measurement<(typeof CLAIM_MOMENTS)[number]>[];
  readonly snapshots: readonly Measurement<(typeof SNAPSHOT_MOMENTS)[number]>[];
}

/** The jobs of a run, in order; there is one for each variant of each step. */
export function listJobs({ steps }: Run): readonly Job[] {
  return steps.flatMap((step) =>
    step.variants.map((_, variant) => ({ name: jobName(step, variant), step, variant })),
  );
}

export function collectMeasurements(run: Run): Measurements {
  const places = indexPlaces(run);
  const jobs = new Map(listJobs(run).map((job) => [`${job.step.index}/${job.variant}`, job]));
  const warmups = new Set(
    run.waves.filter(({ warmup }) => warmup).map(({ step, index }) => `${step}/${index}`),
  );
  const boots: Measurements['boots'][number][] = [];
  const volumes: Measurements['volumes'][number][] = [];
  const claims: Measurements['claims'][number][] = [];
  const snapshots: Measurements['snapshots'][number][] = [];
  for (const measured of measuredOperations(run)) {
    const { operation, subjects } = measured;
    const job = jobs.get(`${operation.step}/${operation.variant}`);
    if (job === undefined) continue;
    const isWarmup = warmups.has(`${operation.step}/${operation.wave}`);
    const head = {
      job,
      iteration: operation.wave,
      replica: places.get(operation.id) ?? 1,
      isWarmup,
    };
    if (bootIsAsked(operation.verb, subjects.step.until))
      boots.push({ ...head, ...measureBoot(run, measured) });
    for (const { object } of subjects.disks) {
      volumes.push({ ...head, ...measureVolume(run, measured, object) });
      claims.push({ ...head, ...measureClaim(run, measured, object) });
    }
    if (operation.verb === 'create' && operation.kind === 'VolumeSnapshot') {
      snapshots.push({ ...head, ...measureSnapshot(run, measured) });
    }
  }
  return { boots, volumes, claims, snapshots };
}

/** Each operation's place in its wave, from 1. */
function indexPlaces({ operations }: Run): ReadonlyMap<number, number> {
  const counts = new Map<string, number>();
  return new Map(
    operations.map(({ id, step, wave }) => {
      const key = `${step}/${wave}`;
      const place = (counts.get(key) ?? 0) + 1;
      counts.set(key, place);
      return [id, place];
    }),
  );
}

/** The step's name, with what tells its variants apart. */
function jobName({ name, variants }: RunStep, index: number): string {
  const own = variants[index] ?? {};
  const fields = ['template', 'image', 'source'] as const;
  const differing = fields.filter((field) => new Set(variants.map((one) => one[field])).size > 1);
  return slug([name, ...differing.flatMap((field) => own[field] ?? [])].join('-'));
}

type Tail<Name extends string> = Pick<
  Measurement<Name>,
  'moments' | 'outcome' | 'reason' | 'pod' | 'node' | 'name' | 'beginsUs'
>;

function measureBoot(run: Run, measured: Measured): Tail<(typeof BOOT_MOMENTS)[number]> {
  const { operation, subjects } = measured;
  const { objects } = run;
  const { vmi, own } = subjects;
  const since = { objects, fromUs: operation.sentUs };
  const pod = findPod(objects, vmi);
  const phase = (value: string) => after(since, vmi, 'phase', value);
  const condition = (type: string) => after(since, pod, type, 'True');
  const moments = {
    vmiCreated: seen(since, vmi),
    vmiPending: phase('Pending') ?? seen(since, vmi),
    vmiScheduling: phase('Scheduling'),
    vmiScheduled: phase('Scheduled'),
    vmiRunning: phase('Running'),
    vmReady: after(since, own, 'Ready', 'True') ?? after(since, vmi, 'Ready', 'True'),
    podCreated: seen(since, pod),
    podScheduled: condition('PodScheduled'),
    podInitialized: condition('Initialized'),
    podContainersReady: condition('ContainersReady'),
    podReady: condition('Ready'),
    podReadyToStartContainers: condition('PodReadyToStartContainers'),
  };
  return {
    name: operation.name,
    beginsUs: operation.sentUs,
    pod: pod === undefined ? undefined : objects.nameOf(pod),
    node: vmi === undefined ? undefined : objects.latest(vmi, 'node'),
    moments: known(moments),
    ...describeOutcome(
      measured,
      milestoneSighting(objects, subjects, 'instanceRunning') !== undefined,
    ),
  };
}

function measureVolume(
  { objects }: Run,
  measured: Measured,
  volume: number | undefined,
): Tail<(typeof VOLUME_MOMENTS)[number]> {
  const { operation } = measured;
  if (volume === undefined) {
    const { name, sentUs } = operation;
    return { name, beginsUs: sentUs, moments: {}, ...describeOutcome(measured, false) };
  }
  const fromUs = objects.seen(volume).atUs;
  const since = { objects, fromUs };
  const succeeded = after(since, volume, 'phase', 'Succeeded');
  return {
    name: objects.nameOf(volume),
    beginsUs: fromUs,
    moments: known({
      dvBound: after(since, volume, 'Bound', 'True'),
      dvRunning: after(since, volume, 'Running', 'True'),
      dvReady: after(since, volume, 'Ready', 'True') ?? succeeded,
    }),
    ...describeOutcome(measured, succeeded !== undefined),
  };
}

/** From the claim's first sight, which is when it is pending. */
function measureClaim(
  { objects }: Run,
  measured: Measured,
  volume: number | undefined,
): Tail<(typeof CLAIM_MOMENTS)[number]> {
  const children = volume === undefined ? [] : objects.childrenOf(volume);
  const claim = children.find((object) => objects.kindOf(object) === 'PersistentVolumeClaim');
  if (claim === undefined) {
    const { name, sentUs } = measured.operation;
    return { name, beginsUs: sentUs, moments: {}, ...describeOutcome(measured, false) };
  }
  const fromUs = objects.seen(claim).atUs;
  const bound = after({ objects, fromUs }, claim, 'phase', 'Bound');
  return {
    name: objects.nameOf(claim),
    beginsUs: fromUs,
    moments: known({ pending: 0, binding: bound, lost: undefined, resize: undefined }),
    ...describeOutcome(measured, bound !== undefined),
  };
}

function measureSnapshot(run: Run, measured: Measured): Tail<(typeof SNAPSHOT_MOMENTS)[number]> {
  const { objects } = run;
  const { own } = measured.subjects;
  const fromUs = own === undefined ? measured.operation.sentUs : objects.seen(own).atUs;
  const ready = after({ objects, fromUs }, own, 'readyToUse', 'true');
  return {
    name: measured.operation.name,
    beginsUs: fromUs,
    moments: known({ vsReady: ready }),
    ...describeOutcome(measured, ready !== undefined),
  };
}

/** An operation that missed its own goal counts as missed, whatever came later. */
function describeOutcome({ operation: { miss } }: Measured, isReached: boolean) {
  if (miss !== undefined) return { outcome: miss.how, reason: miss.reason } as const;
  return isReached
    ? ({ outcome: 'reached' } as const)
    : ({ outcome: 'censored', reason: 'NotSeen' } as const);
}

interface Since {
  readonly objects: ObjectTable;
  readonly fromUs: number;
}

/** The first time from then on: a VM that is started again has been ready before. */
function after(
  { objects, fromUs }: Since,
  object: number | undefined,
  name: string,
  value: string,
): number | undefined {
  if (object === undefined) return undefined;
  const first = objects.first(object, name, value);
  if (first === undefined || first.atUs >= fromUs) return sinceUs(first?.atUs, fromUs);
  const later = objects
    .changesOf(object)
    .find((change) => change.atUs >= fromUs && change.name === name && change.value === value);
  return sinceUs(later?.atUs, fromUs);
}

function seen({ objects, fromUs }: Since, object: number | undefined): number | undefined {
  return object === undefined ? undefined : sinceUs(objects.seen(object).atUs, fromUs);
}

function sinceUs(atUs: number | undefined, fromUs: number): number | undefined {
  return atUs === undefined ? undefined : Math.max(0, atUs - fromUs);
}

function findPod(objects: ObjectTable, vmi: number | undefined): number | undefined {
  if (vmi === undefined) return undefined;
  return objects.childrenOf(vmi).find((object) => objects.kindOf(object) === 'Pod');
}

function known<Name extends string>(
  moments: Readonly<Record<Name, number | undefined>>,
): Moments<Name> {
  const entries = Object.entries<number | undefined>(moments);
  return Object.fromEntries(entries.filter(([, us]) => us !== undefined)) as Moments<Name>;
}
