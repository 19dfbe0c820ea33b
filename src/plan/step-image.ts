/** Golden images: import, and the snapshot where something clones from it; one operation each. */

import type { Image } from '../scenario/scenario.ts';
import { importDraft, snapshotDraft } from './lanes.ts';
import type { WaveStep } from './plan.ts';
import type { Planning } from './planning.ts';
import type { Draft } from './wave-plan.ts';

export function planImage(image: Image, planning: Planning): readonly WaveStep[] {
  const { importUs, snapshotUs } = planning.scenario.timeouts;
  const imported: WaveStep = {
    ...imageStep(image, importDraft(image, planning), planning),
    name: `import ${image.key}`,
    until: 'dataVolumeSucceeded',
    timeoutUs: importUs,
  };
  if (!image.snapshotNeeded) return [imported];
  const snapshot: WaveStep = {
    ...imageStep(image, snapshotDraft(image, planning), planning),
    name: `snapshot ${image.key}`,
    until: 'snapshotReady',
    timeoutUs: snapshotUs,
  };
  return [imported, snapshot];
}

function imageStep(image: Image, draft: Draft, planning: Planning) {
  const operation = { id: planning.nextId(), ...draft, offsetUs: 0 };
  return {
    kind: 'image' as const,
    index: 0,
    variants: [{ image: image.key }],
    // Nothing can go on without its image.
    errorBudget: 0,
    waveErrorBudget: 0,
    pacing: { loop: 'closed' as const, share: 1, pauseUs: 0 },
    inFlightMax: undefined,
    interleaved: false,
    cleanup: false,
    waves: [{ index: 0, warmup: false, operations: [operation] }],
  };
}
