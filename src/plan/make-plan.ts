/**
 * From a scenario and a run id to everything that will happen. Pure and deterministic: the same
 * scenario and run id give the same plan. Manifests are rendered only when they are asked for, so
 * a plan of 100,000 VMs is a list of small operations.
 */

import type { Scenario, Step } from '../scenario/scenario.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { planStep } from './planners.ts';
import { type Planning, startPlanning } from './planning.ts';
import { planImage } from './step-image.ts';

export interface PlanOptions {
  /** Names the run; must serve as a label value. */
  readonly runId: string;
}

/** The plan of one run of the scenario. */
export function makePlan(scenario: Scenario, { runId }: PlanOptions): Plan {
  const planning = startPlanning(scenario, runId);
  const lab = countLabSteps(scenario);
  const steps = [
    ...scenario.steps.slice(0, lab).map((step) => planGrouped(step, planning)),
    ...scenario.images.flatMap((image) => planImage(image, planning)),
    ...scenario.steps.slice(lab).map((step) => planGrouped(step, planning)),
  ];
  return {
    scenario: scenario.name,
    runId,
    namespace: planning.run.namespace,
    labels: planning.run.labels,
    steps: steps.map((step, index) => ({ ...step, index })),
    ...(scenario.metrics === undefined ? {} : { metrics: scenario.metrics }),
    ...(lab > 0 ? { labSteps: lab } : {}),
  };
}

function planGrouped(step: Step, planning: Planning): PlannedStep {
  const planned = planStep(step, planning);
  return step.group === undefined ? planned : { ...planned, group: step.group };
}

/** The first steps that bring up what the others stand on: before them no image could be stored. */
function countLabSteps({ steps }: Scenario): number {
  const others = steps.findIndex((step) => !LAB_KINDS.has(step.kind));
  const leading = others < 0 ? steps : steps.slice(0, others);
  return leading.findLastIndex((step) => step.kind === 'apply' && step.keep) + 1;
}

const LAB_KINDS: ReadonlySet<string> = new Set(['apply', 'act', 'pause']);
