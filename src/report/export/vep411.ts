/**
 * A run in the result schema that KubeVirt's VEP 411 proposes (kubevirt/enhancements PR 412 at
 * 0f4bc71, 2026-07-31, a draft: schema 1.0.0). Only steps that are a scenario of its catalogue have
 * a place there, and its times run from our request; what was not reached is a record without a
 * time, and counts as failed. Fields of ours begin with `bench_`.
 */

import { makeSpans, measuredOperations } from '../../analyse/spans.ts';
import { SECOND, toSeconds } from '../../core/duration.ts';
import { rfc3339 } from '../../core/time-text.ts';
import type { Operation, Run, RunStep } from '../../record/run.ts';
import { csvTable } from '../csv/csv.ts';
import {
  describeOrigin,
  type ExportFile,
  type ExportSource,
  slug,
  toWallUs,
} from './export-source.ts';

const SCHEMA_VERSION = '1.0.0';
const DRAFT = 'kubevirt/enhancements PR 412 at 0f4bc71 (2026-07-31)';

type Fields = Readonly<Record<string, unknown>>;

/** A step that is a scenario of the draft. */
interface Scenario {
  readonly name: 'boot-storm' | 'migration';
  /** What its times are called. */
  readonly metrics: readonly string[];
  readonly step: RunStep;
  readonly records: readonly Result[];
}

type Result = { readonly status: 'Success' | 'Failed' } & Fields;

/** `boot-storm_results.json`, the same as CSV, and a summary; by step where there are more. */
export function vep411Files(source: ExportSource): readonly ExportFile[] {
  const scenarios = listScenarios(source);
  return scenarios.flatMap((scenario) => {
    const isOnly = scenarios.filter(({ name }) => name === scenario.name).length === 1;
    const name = isOnly ? scenario.name : `${scenario.name}_${slug(scenario.step.name)}`;
    const { records, ...summary } = resultOf(source, scenario);
    return [
      { name: `${name}_results.json`, pieces: [json({ ...summary, records })] },
      { name: `${name}_results.csv`, pieces: [recordsCsv(scenario)] },
      { name: `summary_${name}.json`, pieces: [json(summary)] },
    ];
  });
}

/** Results of all scenarios of the run. */
export function vep411Results(source: ExportSource): readonly Fields[] {
  return listScenarios(source).map((scenario) => resultOf(source, scenario));
}

function json(value: Fields): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function listScenarios({ run, manifest }: ExportSource): readonly Scenario[] {
  const at = manifest?.namespace === undefined ? {} : { namespace: manifest.namespace };
  return run.steps.flatMap((step): Scenario[] => {
    const operations = run.operations.filter((operation) => operation.step === step.index);
    if (step.kind === 'boot') return [placed(bootStorm(run, step, operations), at)];
    const isMigration =
      operations.length > 0 && operations.every(({ kind }) => kind === MIGRATION_KIND);
    return isMigration ? [placed(migration(run, step, operations), at)] : [];
  });
}

function placed(scenario: Scenario, at: Fields): Scenario {
  return { ...scenario, records: scenario.records.map((record) => ({ ...at, ...record })) };
}

const MIGRATION_KIND = 'VirtualMachineInstanceMigration';
const RUNNING = 'time_to_vmi_running_seconds';
const READY = 'time_to_vmi_ready_seconds';
const DURATION = 'migration_duration_seconds';

function bootStorm(run: Run, step: RunStep, operations: readonly Operation[]): Scenario {
  const spans = makeSpans(run, measuredOperations(run)).filter(
    ({ metric, operation }) => metric === 'vmiRunning' && operation.step === step.index,
  );
  const instances = new Map(spans.map(({ operation, object }) => [operation.id, object]));
  const records = operations.map((operation): Result => {
    const object = instances.get(operation.id);
    const since = (name: string, value: string) => {
      const sight = object === undefined ? undefined : run.objects.first(object, name, value);
      return sight && toSeconds(sight.atUs - operation.sentUs);
    };
    const running = since('phase', 'Running');
    const ready = since('Ready', 'True');
    return {
      vm_name: operation.name,
      ...statusOf(operation, running),
      ...(running === undefined ? {} : { [RUNNING]: running }),
      ...(ready === undefined ? {} : { [READY]: ready }),
    };
  });
  return { name: 'boot-storm', metrics: [RUNNING, READY], step, records };
}

/** Over with the last thing that its step waits for. */
function migration(run: Run, step: RunStep, operations: readonly Operation[]): Scenario {
  const records = operations.map((operation): Result => {
    const [object] = run.objects.named(operation.kind, operation.name);
    const end = operation.stages[step.stages.length - 1];
    const fromUs = object === undefined ? operation.sentUs : run.objects.seen(object).atUs;
    const seconds = end && toSeconds(end.atUs - fromUs);
    return {
      migration_name: operation.name,
      ...statusOf(operation, seconds),
      ...(seconds === undefined ? {} : { [DURATION]: seconds }),
    };
  });
  return { name: 'migration', metrics: [DURATION], step, records };
}

function statusOf({ miss }: Operation, seconds: number | undefined) {
  if (miss === undefined && seconds !== undefined) return { status: 'Success' } as const;
  const error = miss === undefined ? undefined : `${miss.class}: ${miss.message ?? miss.reason}`;
  return { status: 'Failed', ...(error === undefined ? {} : { error }) } as const;
}

function resultOf(source: ExportSource, { name, metrics, step, records }: Scenario) {
  const { run, manifest, summary } = source;
  const startedUs = toWallUs(run, step.startUs);
  return {
    schema_version: SCHEMA_VERSION,
    bench_draft: DRAFT,
    tool: {
      name: 'bench',
      version: manifest?.host.bench ?? 'unknown',
      git_commit: manifest?.host.gitCommit ?? 'unknown',
    },
    scenario: { name, version: SCHEMA_VERSION },
    timestamp: rfc3339(Math.floor(startedUs / SECOND) * SECOND),
    cluster: clusterOf(manifest?.environment?.facts ?? {}),
    workload: workloadOf(manifest?.environment?.facts ?? {}, step),
    parameters: {
      waves: step.plannedWaves,
      operations: step.plannedOperations,
      timeout_seconds: toSeconds(step.timeoutUs),
      loop: step.loop,
      bench_step: step.name,
      bench_scenario: summary.run.scenario,
    },
    bench_origin: describeOrigin(source),
    aggregate: aggregateOf(metrics, records),
    records,
    cleanup: { requested: true, status: manifest?.cleaned === undefined ? 'Unknown' : 'Success' },
  };
}

function clusterOf(facts: Readonly<Record<string, string>>): Fields {
  return defined({
    kubernetes_version: facts['kubernetes'],
    kubevirt_version: facts['kubevirt'],
    cdi_version: facts['cdi'],
    node_count: facts['nodes'] === undefined ? undefined : Number(facts['nodes']),
    node_cpus: facts['nodes.cpus'],
    node_memory: facts['nodes.memory'],
  });
}

function workloadOf(facts: Readonly<Record<string, string>>, { variants }: RunStep): Fields {
  const list = (values: readonly (string | undefined)[]) =>
    [...new Set(values.filter((value) => value !== undefined))].join(', ') || undefined;
  return defined({
    vm_template: list(variants.map(({ template }) => template)),
    vm_image: list(variants.map(({ image }) => image)),
    storage_class: facts['storage.class'],
  });
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Means and maxima are over what was reached, as in the draft. */
function aggregateOf(metrics: readonly string[], records: readonly Result[]): Fields {
  const successful = records.filter(({ status }) => status === 'Success');
  const figures = metrics.flatMap((metric) => {
    const values = records.flatMap((record) => (record[metric] as number | undefined) ?? []);
    if (values.length === 0) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [
      [`avg_${metric}`, Number(mean.toFixed(6))],
      [`max_${metric}`, Math.max(...values)],
    ];
  });
  return {
    total_vms: records.length,
    successful_vms: successful.length,
    failed_vms: records.length - successful.length,
    operation_success_count: successful.length,
    operation_failure_count: records.length - successful.length,
    ...(Object.fromEntries(figures) as Fields),
  };
}

function recordsCsv({ records, metrics }: Scenario): string {
  const [first = {}] = records;
  const names = Object.keys(first).filter((key) => !metrics.includes(key) && key !== 'error');
  const columns = [...names, ...metrics, 'error'];
  return csvTable([columns, ...records.map((record) => columns.map((key) => cell(record[key])))]);
}

function cell(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
