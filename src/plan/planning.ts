/** What all parts of a plan are made from: the run's names, and the scenario's parts by key. */

import { invariant, present } from '../core/assert.ts';
import { LABEL_VALUE } from '../core/values.ts';
import type { Image, Scenario } from '../scenario/scenario.ts';
import type { Template } from '../scenario/template.ts';
import { type VmManifests, vmManifests, type RunContext } from './manifests.ts';
import type { NextId } from './wave-plan.ts';

/** Every object of a run carries this label with the run's id as its value. */
export const RUN_LABEL = 'bench.kubevirt.io/run';

export interface Planning {
  readonly scenario: Scenario;
  readonly run: RunContext;
  readonly nextId: NextId;
  image(key: string): Image;
  template(key: string): PlannedTemplate;
}

interface PlannedTemplate {
  readonly template: Template;
  readonly manifests: VmManifests;
}

/** `runId` must serve as a label value. */
export function startPlanning(scenario: Scenario, runId: string): Planning {
  invariant(LABEL_VALUE.test(runId), `run id ${JSON.stringify(runId)} is no label value`);
  const run: RunContext = {
    runId: runId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    namespace: scenario.namespace ?? makeNamespaceName(runId),
    labels: { [RUN_LABEL]: runId },
    storage: scenario.storage,
  };
  let id = 0;
  const images = new Map(scenario.images.map((image) => [image.key, image]));
  const templates = new Map(
    scenario.templates.map((template) => [
      template.key,
      { template, manifests: vmManifests(template, run) },
    ]),
  );
  return {
    scenario,
    run,
    nextId: () => id++,
    image: (key) => present(images.get(key), `image ${key}`),
    template: (key) => present(templates.get(key), `template ${key}`),
  };
}

/** The namespace of a run that its scenario gives none: `bench-` and the id as a DNS-1123 label. */
export function makeNamespaceName(runId: string): string {
  const safe = runId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `bench-${safe}`.slice(0, 63).replace(/-+$/, '');
}
