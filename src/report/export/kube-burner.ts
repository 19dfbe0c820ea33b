/**
 * A run as kube-burner 2 would have indexed it: the same documents under the same names, so that
 * Orion, Grafana and Elasticsearch set-ups go on working. Whole milliseconds; percentiles by
 * kube-burner's own rule. That tool leaves out what did not finish, and its shapes have no place
 * for it; so do these documents, and one more for each job (`...LatencyCensored`) says how much
 * that is.
 */

import { createHash } from 'node:crypto';
import type { StepKind } from '../../catalogue/step-kinds.ts';
import { rfc3339 } from '../../core/time-text.ts';
import { type ExportFile, type ExportSource, describeOrigin, toWallUs } from './export-source.ts';
import {
  BOOT_MOMENTS,
  CLAIM_MOMENTS,
  type Job,
  listJobs,
  type Measurement,
  collectMeasurements,
  SNAPSHOT_MOMENTS,
  VOLUME_MOMENTS,
} from './kube-burner-moments.ts';
import { neighbourMeanPercentile } from './neighbour-mean.ts';

export type KubeBurnerDocument = Readonly<Record<string, unknown>>;

/** `<metricName>-<jobName>.json`, an array each. A step is a job, a wave is an iteration. */
export function kubeBurnerFiles(source: ExportSource): readonly ExportFile[] {
  const files = new Map<string, KubeBurnerDocument[]>();
  for (const document of kubeBurnerDocuments(source)) {
    const { metricName, jobName } = document as { metricName: string; jobName?: string };
    const isSummary = metricName === 'jobSummary';
    const name = isSummary ? 'jobSummary.json' : `${metricName}-${jobName}.json`;
    const known = files.get(name);
    if (known === undefined) files.set(name, [document]);
    else known.push(document);
  }
  return [...files].map(([name, documents]) => ({ name, pieces: jsonArray(documents) }));
}

/** All documents of a run. */
export function* kubeBurnerDocuments(source: ExportSource): Generator<KubeBurnerDocument> {
  const { boots, volumes, claims, snapshots } = collectMeasurements(source.run);
  const context = describeSource(source);
  yield* familyDocuments(context, BOOTS, boots);
  yield* familyDocuments(context, VOLUMES, volumes);
  yield* familyDocuments(context, CLAIMS, claims);
  yield* familyDocuments(context, SNAPSHOTS, snapshots);
  for (const job of listJobs(source.run)) yield jobSummary(source, context, job);
}

/** Pieces of a JSON array, a document a line. */
export function* jsonArray(documents: Iterable<KubeBurnerDocument>): Generator<string> {
  let separator = '[\n';
  for (const document of documents) {
    yield `${separator}${JSON.stringify(document)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

interface Context {
  readonly source: ExportSource;
  readonly uuid: string;
  readonly namespace: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Family<Name extends string> {
  /** `vmi`, `dv`: the beginning of the metrics' names. */
  readonly prefix: string;
  readonly moments: readonly Name[];
  /** The names of the quantile documents. */
  readonly quantiles: Readonly<Partial<Record<Name, string>>>;
  /** The fields that name the object. */
  readonly names: (measurement: Measurement<Name>) => KubeBurnerDocument;
}

const BOOTS: Family<(typeof BOOT_MOMENTS)[number]> = {
  prefix: 'vmi',
  moments: BOOT_MOMENTS,
  quantiles: {
    vmReady: 'VMReady',
    vmiCreated: 'VMICreated',
    vmiPending: 'VMIPending',
    vmiScheduling: 'VMIScheduling',
    vmiScheduled: 'VMIScheduled',
    vmiRunning: 'VMIRunning',
    podCreated: 'PodCreated',
    podScheduled: 'PodPodScheduled',
    podInitialized: 'PodInitialized',
    podContainersReady: 'PodContainersReady',
    podReadyToStartContainers: 'PodPodReadyToStartContainers',
  },
  names: ({ name, pod, node }) => ({
    ...(pod === undefined ? {} : { podName: pod }),
    vmName: name,
    vmiName: name,
    nodeName: node ?? '',
  }),
};

const VOLUMES: Family<(typeof VOLUME_MOMENTS)[number]> = {
  prefix: 'dv',
  moments: VOLUME_MOMENTS,
  quantiles: { dvBound: 'Bound', dvRunning: 'Running', dvReady: 'Ready' },
  names: ({ name }) => ({ dvName: name }),
};

/** Sizes and classes are in the scenario, not in a history. */
const CLAIMS: Family<(typeof CLAIM_MOMENTS)[number]> = {
  prefix: 'pvc',
  moments: CLAIM_MOMENTS,
  quantiles: { pending: 'Pending', binding: 'Bound' },
  names: ({ name }) => ({ pvcName: name, size: 'unknown', storageClass: 'unknown' }),
};

const SNAPSHOTS: Family<(typeof SNAPSHOT_MOMENTS)[number]> = {
  prefix: 'volumeSnapshot',
  moments: SNAPSHOT_MOMENTS,
  quantiles: { vsReady: 'Ready' },
  names: ({ name }) => ({ vsName: name }),
};

function describeSource(source: ExportSource): Context {
  const { id, scenario, seed } = source.summary.run;
  return {
    source,
    uuid: makeUuid(`${scenario}/${id}/${seed}`),
    namespace: source.manifest?.namespace ?? 'unknown',
    metadata: describeOrigin(source),
  };
}

/** The same for the same run, so that an upload that is repeated replaces itself. */
function makeUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

function* familyDocuments<Name extends string>(
  context: Context,
  family: Family<Name>,
  all: readonly Measurement<Name>[],
): Generator<KubeBurnerDocument> {
  for (const [job, measurements] of byJob(all)) {
    const done = measurements.filter(({ outcome }) => outcome === 'reached');
    for (const measurement of done) yield objectDocument(context, family, measurement);
    const counted = done.filter(({ isWarmup }) => !isWarmup);
    yield* quantileDocuments(context, family, job, counted);
    yield censoredDocument(context, family, job, measurements);
  }
}

function byJob<Name extends string>(all: readonly Measurement<Name>[]) {
  const groups = new Map<Job, Measurement<Name>[]>();
  for (const measurement of all) {
    const group = groups.get(measurement.job);
    if (group === undefined) groups.set(measurement.job, [measurement]);
    else group.push(measurement);
  }
  return groups;
}

function objectDocument<Name extends string>(
  { source, uuid, namespace, metadata }: Context,
  { prefix, moments, names }: Family<Name>,
  measurement: Measurement<Name>,
): KubeBurnerDocument {
  const latencies = moments.map((name) => [
    `${name}Latency`,
    Math.trunc((measurement.moments[name] ?? 0) / 1000),
  ]);
  return {
    timestamp: rfc3339(toWallUs(source.run, measurement.beginsUs)),
    ...Object.fromEntries(latencies),
    metricName: `${prefix}LatencyMeasurement`,
    uuid,
    namespace,
    ...names(measurement),
    jobName: measurement.job.name,
    metadata,
    jobIteration: measurement.iteration,
    replica: measurement.replica,
  };
}

/** One for each moment that was seen at all: a moment that was never seen is not a zero. */
function* quantileDocuments<Name extends string>(
  { source, uuid, metadata }: Context,
  { prefix, quantiles }: Family<Name>,
  job: Job,
  done: readonly Measurement<Name>[],
): Generator<KubeBurnerDocument> {
  for (const [name, quantileName] of Object.entries(quantiles) as [Name, string][]) {
    const values = done.flatMap(({ moments }) => moments[name] ?? []).map(wholeMs);
    if (values.length === 0) continue;
    const sorted = Float64Array.from(values).sort();
    const sum = values.reduce((total, value) => total + value, 0);
    yield {
      quantileName,
      uuid,
      P99: neighbourMeanPercentile(sorted, 99),
      P95: neighbourMeanPercentile(sorted, 95),
      P50: neighbourMeanPercentile(sorted, 50),
      min: sorted[0],
      max: sorted.at(-1),
      avg: Math.trunc(sum / values.length),
      timestamp: rfc3339(toWallUs(source.run, source.run.lastUs)),
      metricName: `${prefix}LatencyQuantilesMeasurement`,
      jobName: job.name,
      metadata: { ...metadata, n: values.length },
    };
  }
}

/** Not of kube-burner's: what its documents leave out. */
function censoredDocument<Name extends string>(
  { source, uuid, metadata }: Context,
  { prefix }: Family<Name>,
  job: Job,
  all: readonly Measurement<Name>[],
): KubeBurnerDocument {
  const reasons: Record<string, number> = {};
  for (const { outcome, reason } of all) {
    if (outcome === 'reached') continue;
    const key = `${outcome}: ${reason ?? 'unknown'}`;
    reasons[key] = (reasons[key] ?? 0) + 1;
  }
  const count = (how: string) => all.filter(({ outcome }) => outcome === how).length;
  return {
    timestamp: rfc3339(toWallUs(source.run, source.run.lastUs)),
    metricName: `${prefix}LatencyCensored`,
    uuid,
    jobName: job.name,
    requested: all.length,
    reached: count('reached'),
    failed: count('failed'),
    censored: count('censored'),
    reasons,
    metadata,
  };
}

const JOB_TYPES: Readonly<Record<StepKind, 'create' | 'kubevirt' | 'delete'>> = {
  image: 'create',
  clone: 'create',
  deploy: 'create',
  boot: 'kubevirt',
  stop: 'kubevirt',
  delete: 'delete',
  apply: 'create',
  act: 'create',
  pause: 'create',
  observe: 'create',
};

function jobSummary(
  { run, summary, manifest }: ExportSource,
  { uuid, namespace, metadata }: Context,
  { name, step, variant }: Job,
): KubeBurnerDocument {
  const operations = run.operations.filter(
    (operation) => operation.step === step.index && operation.variant === variant,
  );
  const waves = new Set(operations.map(({ wave }) => wave));
  const own = run.waves.filter(({ step: of, index }) => of === step.index && waves.has(index));
  const startUs = Math.min(...own.map(({ releaseUs }) => releaseUs), run.lastUs);
  const endUs = Math.max(...own.map(({ end }) => end?.atUs ?? run.lastUs), startUs);
  const missed = operations.filter(({ miss }) => miss !== undefined).length;
  const isWithin = missed <= step.errorBudget * operations.length;
  const errors = `${missed} of ${operations.length} operations missed`;
  return {
    timestamp: rfc3339(toWallUs(run, startUs)),
    endTimestamp: rfc3339(toWallUs(run, endUs)),
    elapsedTime: Math.round((endUs - startUs) / 1e6),
    uuid,
    metricName: 'jobSummary',
    jobConfig: {
      name,
      jobType: JOB_TYPES[step.kind],
      jobIterations: waves.size,
      namespace,
      // Go's durations are nanoseconds.
      maxWaitTimeout: step.timeoutUs * 1000,
    },
    version: `bench ${manifest?.host.bench ?? 'unknown'}`,
    passed: summary.run.outcome === 'complete' && isWithin,
    ...(missed > 0 ? { executionErrors: errors } : {}),
    ...metadata,
  };
}

function wholeMs(us: number): number {
  return Math.trunc(us / 1000);
}
