/** From a run whose steps say themselves what they wait for to its stages on one time line. */

import type { CountedStage } from '../../analyse/counted-stages.ts';
import { toSeconds } from '../../core/duration.ts';
import type { Run, RunStep } from '../../record/run.ts';
import type { BringUpStep } from '../figures/bring-up.ts';

/** Steps with nothing but stages; none where no operation of a step got to one. */
export function makeBringUp(run: Run, counted: readonly CountedStage[]): readonly BringUpStep[] {
  const own = run.steps.filter(({ stages }) => stages.length > 0);
  const firstUs = Math.min(...own.map(({ startUs }) => startUs));
  // Waves that follow those of a step beside come later than their step begins.
  const released = (step: RunStep) =>
    Math.min(...run.waves.flatMap((wave) => (wave.step === step.index ? wave.releaseUs : [])));
  return own.flatMap((step) => {
    const stages = step.stages.flatMap((name, i) =>
      stageOf(run, step, { name, i, counted, firstUs }),
    );
    const fromS = toSeconds(Math.max(step.startUs, released(step)) - firstUs);
    return stages.length === 0 ? [] : [{ name: step.name, fromS, stages }];
  });
}

interface Asked {
  readonly name: string;
  readonly i: number;
  readonly counted: readonly CountedStage[];
  readonly firstUs: number;
}

/** Over when the last operation of the step is through with it. */
function stageOf(run: Run, { index }: RunStep, { name, i, counted, firstUs }: Asked) {
  const sights = run.operations.flatMap((operation) => {
    const sight = operation.step === index ? operation.stages[i] : undefined;
    return sight === undefined ? [] : [{ atUs: sight.atUs, name: operation.name }];
  });
  if (sights.length === 0) return [];
  const last = sights.reduce((a, b) => (b.atUs > a.atUs ? b : a));
  const of = counted.find(({ step, stage }) => step.index === index && stage === name);
  const object = of?.objects.findLast(({ atUs }) => atUs <= last.atUs);
  const where = object?.node === undefined ? '' : ` on ${object.node}`;
  const who = object === undefined ? last.name : `${object.name}${where}`;
  return [{ name, untilS: toSeconds(last.atUs - firstUs), last: who }];
}
