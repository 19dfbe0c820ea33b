/** A run like 10k-mixed, of any size, without a cluster: for pictures and for their speed. */

import { createRng } from '../../src/core/rng.ts';
import { history, type HistoryDraft } from '../support/history.ts';

export interface CampaignShape {
  readonly clonesPerArm: number;
  /** Of each image. */
  readonly vms: Readonly<Record<'rhel9' | 'windows11', number>>;
  readonly waveSize?: number;
  readonly nodes?: number;
}

const GIB = 2 ** 30;

export function campaign(shape: CampaignShape): HistoryDraft {
  const draft = history({ target: 'simulated', seed: 7 });
  let at = cloneBothWays(draft, shape);
  for (const image of ['rhel9', 'windows11'] as const) at = bootImage(draft, shape, image, at + 60);
  draft.end(at + 1);
  return draft;
}

function cloneBothWays(draft: HistoryDraft, shape: CampaignShape): number {
  const { clonesPerArm, waveSize = 100 } = shape;
  if (clonesPerArm === 0) return 0;
  const rng = createRng(7).fork('clones');
  const variants = ['pvc', 'snapshot'].map((source) => ({ image: 'rhel9', source }));
  const name = 'rhel9 PVC vs snapshot';
  const step = draft.step({ kind: 'clone', name, variants, until: 'dataVolumeSucceeded' });
  let at = 0;
  let usedGib = 100;
  draft.add({ e: 'usage', t: 0, s: step, usedBytes: usedGib * GIB, totalBytes: 3e14 });
  const perArm = Math.ceil(clonesPerArm / waveSize);
  for (let wave = 0; wave < 2 * perArm; wave++) {
    const isPvc = wave < perArm;
    const age = wave % perArm;
    draft.wave({ step, wave, at, n: waveSize });
    let last = at;
    for (let i = 0; i < waveSize; i++) {
      const intended = at + (2 * i) / waveSize;
      const seen = intended + 0.02;
      const mean = isPvc ? 60 + 28 * Math.min(age, 14) + i * 1.4 : 8 + 0.5 * i;
      const end = seen + rng.gamma(mean, 0.2);
      draft.clone({
        step,
        wave,
        variant: isPvc ? 0 : 1,
        intended,
        seen,
        sent: intended + 0.001,
        name: `clone-${wave}-${i}`,
        source: isPvc ? 'pvc' : 'snapshot',
        scheduled: seen + 0.03 * (end - seen),
        inProgress: seen + 0.1 * (end - seen),
        rebind: seen + 0.95 * (end - seen),
        succeeded: end,
      });
      last = Math.max(last, end);
    }
    usedGib += waveSize * (isPvc ? 4.4 : 0.2);
    const t = Math.round(last * 1e6);
    draft.add({ e: 'usage', t, s: step, w: wave, usedBytes: Math.round(usedGib * GIB) });
    at = last + 30;
  }
  return at;
}

function bootImage(
  draft: HistoryDraft,
  { vms, waveSize = 100, nodes = 108 }: CampaignShape,
  image: 'rhel9' | 'windows11',
  start: number,
): number {
  const rng = createRng(7).fork(image);
  const variants = [{ image, template: image }];
  const step = draft.step({ kind: 'boot', name: `boot ${image}`, variants, until: 'guestReady' });
  const slow = image === 'rhel9' ? 7 : 28;
  let at = start;
  for (let wave = 0; wave < Math.ceil(vms[image] / waveSize); wave++) {
    draft.wave({ step, wave, at, n: waveSize });
    let last = at;
    for (let i = 0; i < waveSize; i++) {
      const intended = at + (2 * i) / waveSize;
      const seen = intended + 0.05;
      const running = seen + 3 + rng.gamma(8 + i * 0.09, 0.12);
      const guestReady = running + rng.gamma(slow, 0.15);
      draft.boot({
        step,
        wave,
        intended,
        seen,
        running,
        guestReady,
        sent: intended + 0.001,
        name: `${image}-${wave * waveSize + i}`,
        scheduling: seen + 0.2,
        scheduled: seen + 0.4 * (running - seen),
        node: `worker-${String(rng.integer(nodes)).padStart(3, '0')}`,
      });
      last = Math.max(last, guestReady);
    }
    at = last + 30;
  }
  return at;
}
