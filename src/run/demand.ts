/** What a scenario will ask of a cluster, worked out from its plan before anything is created. */

import type { KubeObject } from '../api/object.ts';
import { BIND_IMMEDIATE } from '../api/storage.ts';
import type { VirtualMachine } from '../api/compute.ts';
import { DATA_VOLUMES, type Resource, SNAPSHOTS, VIRTUAL_MACHINES } from '../api/resources.ts';
import type { Demand, VmDemand } from '../cluster/check.ts';
import { findRecipe } from '../catalogue/recipes.ts';
import type { Act } from '../cluster/grant.ts';
import { wavesInOrder } from '../plan/groups.ts';
import type { Plan, PlannedOperation, WaveStep } from '../plan/plan.ts';
import { RUN_LABEL } from '../plan/planning.ts';
import { summarisePlan } from '../plan/summary.ts';
import { listPlanNames } from './clone-origins.ts';
import { externalPrograms } from './run-external.ts';
import { kindRights } from './kind-rights.ts';
import type { Scenario } from '../scenario/scenario.ts';

export function computeDemand(scenario: Scenario, plan: Plan): Demand {
  const { storage, images, steps } = scenario;
  const waves = listWaves(plan);
  const operations = listOperations(waves);
  const summary = summarisePlan(plan);
  const names = listPlanNames(operations);
  return {
    runId: plan.runId,
    brings: collectBrought(operations),
    namespace: plan.namespace,
    namespaces: listNamespaces(plan),
    sourceNamespaces: sourceNamespaces(scenario, plan.namespace),
    originNamespaces: [...new Set(names.origins.map(({ namespace }) => namespace))],
    ...names,
    makesNamespace: scenario.namespace === undefined,
    acts: collectActs(scenario, operations),
    kinds: kindRights(plan),
    runLabel: RUN_LABEL,
    storageClass: storage.className,
    snapshotClass: operations.some(({ kind }) => kind === 'VolumeSnapshot')
      ? storage.snapshotClassName
      : undefined,
    volumeMode: storage.volumeMode,
    accessModes: storage.accessModes,
    vms: sumVmDemand(plan, operations),
    vmsCreated: summary.objects['VirtualMachine'] ?? 0,
    dataVolumes: summary.objects['DataVolume'] ?? 0,
    storageBytes: summary.storageMaxBytes,
    clonesClaims: steps.some(
      (step) => step.kind === 'clone' && step.arms.some(({ source }) => source === 'pvc'),
    ),
    waitsUnused: waves.flatMap(waitUnused),
    startsBySubresource: operations.some(({ via }) => via === 'subresource'),
    imageUrls: images.flatMap(({ origin }) => ('url' in origin ? [origin.url] : [])),
    programs: externalPrograms(scenario),
    samples: countSamples(operations),
  };
}

/** What a class that waits for a first consumer would keep from ending. */
function waitUnused({ kind, name: step, until, waves }: WaveStep): Demand['waitsUnused'] {
  if (until === 'none' || (kind !== 'clone' && kind !== 'deploy')) return [];
  const manifest = waves[0]?.operations[0]?.manifest?.() as Partial<VirtualMachine> | undefined;
  const disks = manifest?.spec?.dataVolumeTemplates ?? [];
  const volumes = kind === 'clone' ? [manifest] : disks;
  const isAsked = volumes.every((each) => each?.metadata?.annotations?.[BIND_IMMEDIATE] === '');
  if (isAsked) return [];
  const orNone = 'or wait for none of them (wave: { until: none })';
  const ask = `the annotation ${BIND_IMMEDIATE}`;
  if (kind === 'clone') return [{ step, remedy: `set bindImmediately: true, ${orNone}` }];
  return [{ step, remedy: `give the template's dataVolumeTemplates ${ask}, ${orNone}` }];
}

/** All in which the plan creates something of its own, the run's namespace first. */
export function listNamespaces(plan: Plan): readonly string[] {
  const others = listOperations(listWaves(plan))
    .filter(({ verb, keep }) => verb !== 'act' && !keep)
    .map(({ namespace }) => namespace);
  return [...new Set([plan.namespace, ...others])];
}

function listWaves({ steps }: Plan): readonly WaveStep[] {
  return steps.filter((step) => step.kind !== 'pause');
}

function listOperations(steps: readonly WaveStep[]): readonly PlannedOperation[] {
  return steps.flatMap(({ waves }) => waves.flatMap(({ operations }) => operations));
}

function collectActs(
  { metrics }: Scenario,
  operations: readonly PlannedOperation[],
): ReadonlySet<Act> {
  const asking: readonly Act[] = metrics?.profile === 'openshift' ? ['openshift'] : [];
  return new Set([
    ...asking,
    ...operations.flatMap(({ verb, via, kind }): readonly Act[] => {
      if (verb === 'start' || verb === 'stop') return [via === 'patch' ? 'patch' : verb];
      const act = verb === 'apply' || verb === 'act' ? undefined : ACTS[kind];
      return act === undefined ? [] : [act];
    }),
  ]);
}

/** What stays and is of a kind that brings other kinds and classes. */
function collectBrought(operations: readonly PlannedOperation[]): Demand['brings'] {
  const kept = operations.filter(({ keep }) => keep);
  const brought = kept.flatMap(({ apiVersion = '', kind }) => findRecipe(apiVersion, kind) ?? []);
  return new Set(brought.flatMap(({ brings }) => brings ?? []));
}

const ACTS: Readonly<Partial<Record<string, Act>>> = {
  DataVolume: 'volumes',
  VolumeSnapshot: 'snapshots',
  VirtualMachine: 'vms',
};

/** Where disks are cloned from that are made elsewhere. */
function sourceNamespaces({ images }: Scenario, own: string): readonly string[] {
  const sources = images.flatMap(({ origin, namespace = own }) => [
    ...('name' in origin && (origin.namespace ?? namespace) !== namespace
      ? [origin.namespace ?? namespace]
      : []),
    ...(namespace === own ? [] : [namespace]),
  ]);
  return [...new Set(sources)];
}

const RESOURCES: Readonly<Partial<Record<string, Resource>>> = {
  DataVolume: DATA_VOLUMES,
  VolumeSnapshot: SNAPSHOTS,
  VirtualMachine: VIRTUAL_MACHINES,
};

/** The first object of each kind. */
function countSamples(operations: readonly PlannedOperation[]): Demand['samples'] {
  const samples = new Map<string, { readonly resource: Resource; readonly object: KubeObject }>();
  for (const { kind, manifest } of operations) {
    if (manifest === undefined || samples.has(kind)) continue;
    const resource = RESOURCES[kind];
    if (resource !== undefined) samples.set(kind, { resource, object: manifest() });
  }
  return [...samples.values()];
}

/** VMs by template, with the most that run at the same time. */
function sumVmDemand(
  { steps }: Plan,
  operations: readonly PlannedOperation[],
): readonly VmDemand[] {
  const manifests = new Map<string, () => KubeObject>();
  for (const { kind, name, manifest } of operations) {
    if (kind === 'VirtualMachine' && manifest) manifests.set(name, manifest);
  }
  return [...runningMax(steps)].map(([template, { count, name }]) => ({
    template,
    count,
    vm: manifests.get(name)?.() as VirtualMachine | undefined,
  }));
}

interface Running {
  count: number;
  readonly name: string;
}

function runningMax(steps: Plan['steps']): ReadonlyMap<string, Running> {
  const most = new Map<string, Running>();
  const running = new Map<string, Set<string>>();
  for (const { step, wave } of wavesInOrder(steps)) {
    for (const { verb, kind, name, variant } of wave.operations) {
      if (kind !== 'VirtualMachine') continue;
      const template = step.variants[variant]?.template ?? '';
      const names = running.get(template) ?? new Set<string>();
      running.set(template, names);
      if (verb === 'start') names.add(name);
      if (verb === 'stop' || verb === 'delete') names.delete(name);
      const before = most.get(template);
      if (names.size > (before?.count ?? 0)) {
        most.set(template, { count: names.size, name: before?.name ?? name });
      }
    }
  }
  return most;
}
