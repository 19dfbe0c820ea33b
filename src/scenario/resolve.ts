/** A checked document made into a Scenario: parts joined by name, rules across them applied. */

import { METRIC_PROFILES } from '../catalogue/metric-profiles.ts';
import type { Problem, Report } from './problem.ts';
import { checkObjectNames } from './object-names.ts';
import { resolveImages, resolveSimulation } from './resolve-images.ts';
import { resolveSteps, stepModule } from './steps.ts';
import { resolveFeltLimits } from './felt-limits.ts';
import type { ReadFile } from './read-file.ts';
import { resolveTemplates, snapshotsUsed } from './resolve-templates.ts';
import { storageValues } from './storage-values.ts';
import type { Image, Origin, Scenario, ServiceLevel, Step, Storage, Timeouts } from './scenario.ts';
import type { ScenarioDocument, ServiceLevelDocument } from './schema.ts';
import { checkKnown } from './suggest.ts';
import type { Template } from './template.ts';

export interface ResolveContext {
  readonly origin: Origin;
  readonly readFile: ReadFile;
  readonly problems: Problem[];
  readonly report: Report;
}

/** The scenario; it is fit to be planned only where no problem was reported. */
export function resolveScenario(document: ScenarioDocument, context: ResolveContext): Scenario {
  const { report } = context;
  const storage = resolveStorage(document.storage);
  const images = resolveImages(document.images, report);
  const { namespace, errorBudget, waveErrorBudget } = document;
  const templates = resolveTemplates(document.templates, {
    ...context,
    images,
    storage,
    namespace,
  });
  const timeouts = resolveTimeouts(document.timeouts);
  const { steps, paths } = resolveSteps(document.steps, {
    images: images.map((image) => image.key),
    templates: Object.keys(document.templates),
    timeouts,
    errorBudget,
    waveErrorBudget,
    wavesFollow: followsCounts(context.origin.overrides),
    values: storageValues(storage),
    readFile: context.readFile,
    problems: context.problems,
    report,
  });
  const marked = markSnapshots(images, templates, steps);
  checkSnapshotClass(marked, storage, report);
  if (context.problems.length === 0) {
    checkObjectNames({ steps, paths }, images, templates, report);
  }
  const metrics = resolveMetrics(document.metrics);
  return {
    name: document.name,
    description: document.description,
    series: document.series,
    namespace,
    storage,
    images: marked,
    templates,
    steps,
    timeouts,
    errorBudget,
    slo: document.slo.flatMap((level, i) =>
      'felt' in level ? [] : [serviceLevel(level, i, steps, images, report)],
    ),
    feltLimits: resolveFeltLimits(document.slo, metrics, steps, report),
    metrics,
    simulation: {
      ...resolveSimulation(document.simulation, images, report),
      losesPower: steps.some(actsOnHosts),
    },
    origin: context.origin,
  };
}

/** On the power switches of servers. */
function actsOnHosts(step: Step): boolean {
  return step.kind === 'act' && step.target.on !== 'step' && step.target.of.kind === HOST;
}

const HOST = 'BareMetalHost';

/** `--set steps.0.clone.count=1` makes no wave of 5 wrong that the file has; a size given does. */
function followsCounts(overrides: readonly string[]): boolean {
  const gives = (field: string) =>
    overrides.some((text) => /^steps\b/.test(text) && text.split('=')[0]?.endsWith(field));
  return gives('.count') && !gives('.wave.size');
}

function resolveStorage(document: ScenarioDocument['storage']): Storage {
  return {
    className: document.class,
    snapshotClassName: document.snapshotClass,
    accessModes: document.accessModes,
    volumeMode: document.volumeMode,
  };
}

function resolveMetrics(document: ScenarioDocument['metrics']): Scenario['metrics'] {
  if (document === undefined) return undefined;
  const { profile, queries, every } = document;
  const shipped = profile ? METRIC_PROFILES[profile] : [];
  return { profile, queries: [...shipped, ...queries], everyUs: every };
}

function resolveTimeouts(document: ScenarioDocument['timeouts']): Timeouts {
  return {
    importUs: document.import,
    snapshotUs: document.snapshot,
    cloneUs: document.clone,
    deployUs: document.deploy,
    bootUs: document.boot,
    stopUs: document.stop,
    deleteUs: document.delete,
    applyUs: document.apply,
    actUs: document.act,
  };
}

/** An image gets a snapshot only if a step or a deployed template clones from it. */
function markSnapshots(
  images: readonly Image[],
  templates: readonly Template[],
  steps: readonly Step[],
): readonly Image[] {
  const deployed = new Set(
    steps.flatMap((step) =>
      stepModule(step.kind)
        .deploys(step)
        .map(({ template }) => template),
    ),
  );
  const needed = new Set([
    ...steps.flatMap((step) => stepModule(step.kind).snapshots(step)),
    ...templates
      .filter((template) => deployed.has(template.key))
      .flatMap((template) => snapshotsUsed(template, images)),
  ]);
  return images.map((image) => ({ ...image, snapshotNeeded: needed.has(image.key) }));
}

function checkSnapshotClass(images: readonly Image[], storage: Storage, report: Report): void {
  const image = images.find((candidate) => candidate.snapshotNeeded);
  if (image === undefined || storage.snapshotClassName !== undefined) return;
  const message = `is missing: snapshots of image ${image.key} are cloned`;
  report(['storage', 'snapshotClass'], message, 'name a VolumeSnapshotClass of the same driver');
}

function serviceLevel(
  document: ServiceLevelDocument,
  index: number,
  steps: readonly Step[],
  images: readonly Image[],
  report: Report,
): ServiceLevel {
  const { metric, step, image, source } = document;
  const stepNames = steps.map((candidate) => candidate.name);
  const keys = images.map((candidate) => candidate.key);
  if (step !== undefined) checkKnown(step, stepNames, 'step', ['slo', index, 'step'], report);
  if (image !== undefined) checkKnown(image, keys, 'image', ['slo', index, 'image'], report);
  return { metric, step, image, source, statistic: document.percentile, limitUs: document.max };
}
