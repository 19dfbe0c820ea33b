/** What CDI's webhooks make of a plan's clones: how long they keep them, and what is late. */

import {
  admissionRate,
  admissionSeconds,
  type CloneSource,
  isAnsweredLate,
} from '../capacity/admission.ts';
import { SECOND } from '../core/duration.ts';
import type { PlanSummary, StepSummary, WaveStepSummary } from '../plan/summary.ts';
import { countedText, longTimeText } from '../report/wording/numbers.ts';

/** Undefined where the plan clones nothing. */
export function admissionText({ steps }: PlanSummary): string | undefined {
  const makers = steps.filter((step) => step.kind !== 'pause').filter(makesClones);
  const clones: Record<CloneSource, number> = { pvc: 0, snapshot: 0 };
  for (const step of makers) {
    for (const { perVariant } of step.waves) {
      for (const [i, count] of perVariant.entries()) {
        const source = sourceOf(step, i);
        if (source) clones[source] += count;
      }
    }
  }
  const all = clones.pvc + clones.snapshot;
  if (all === 0) return undefined;
  const rate = (source: CloneSource) => String(admissionRate(source).value);
  const seconds = longTimeText(admissionSeconds(clones));
  const late = makers.flatMap((step) => lateWave(step) ?? []);
  const [tooMany] = late;
  const missed =
    tooMany === undefined ? '' : `; of ${tooMany} DataVolumes at once not all are let in in time`;
  return (
    `at least ${seconds} for ${countedText(all, 'clone')}: CDI 1.58 lets in ` +
    `${rate('pvc')}/s from a PVC, ${rate('snapshot')}/s from a snapshot${missed}`
  );
}

/** Whether some of its DataVolumes are not let in in time. */
export function isLetInLate(step: StepSummary): boolean {
  return step.kind !== 'pause' && lateWave(step) !== undefined;
}

function makesClones({ kind }: WaveStepSummary): boolean {
  return kind === 'clone' || kind === 'deploy';
}

function sourceOf({ variants }: WaveStepSummary, index: number): CloneSource | undefined {
  const source = variants[index]?.source;
  return source === 'pvc' || source === 'snapshot' ? source : undefined;
}

/** The size of a wave that is too large; KubeVirt asks for the disks of VMs a few at a time. */
function lateWave(step: WaveStepSummary): number | undefined {
  if (step.kind !== 'clone') return undefined;
  const late = step.waves.find(({ perVariant, lastOffsetUs }) =>
    perVariant.some((count, i) => {
      const source = sourceOf(step, i);
      return source !== undefined && isAnsweredLate(source, count, lastOffsetUs / SECOND);
    }),
  );
  return late?.operations;
}
