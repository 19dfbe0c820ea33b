/**
 * A small run that has everything: an import, interleaved clones with warm-up, two-disk VMs of two
 * images sharing waves, boots of which one fails and one never ends, and a late sighting. The times
 * are drawn with a fixed seed.
 */

import { createRng } from '../../src/core/rng.ts';
import { history, type HistoryDraft } from './history.ts';

const WAVES = 10;

const FIRST_GIB = 100;

const IMAGES = ['rhel9', 'windows11'];

export function sampleHistory(): HistoryDraft {
  const draft = history({ target: 'simulated', seed: 7 });
  importImage(draft);
  const clonedAt = cloneBothWays(draft, 20);
  const deployedAt = deployVms(draft, clonedAt);
  const bootedAt = bootVms(draft, deployedAt);
  draft.end(bootedAt, 'partial');
  return draft;
}

function importImage(draft: HistoryDraft): void {
  const variants = [{ image: 'rhel9' }];
  const step = draft.step({ kind: 'image', name: 'import rhel9', variants, until: 'claimBound' });
  draft.wave({ step, wave: 0, at: 0 });
  const name = 'rhel9';
  const { object } = draft.clone({ step, name, source: 'http', seen: 0.1, succeeded: 15 });
  const claim = draft.object({ kind: 'PersistentVolumeClaim', name, at: 0.2, owner: object });
  draft.change(claim, 15.2, ['phase', 'Bound']);
  usage(draft, 16, step, 0, FIRST_GIB);
}

/** A B B A, the first wave of each arm for warming up. */
function cloneBothWays(draft: HistoryDraft, start: number): number {
  const rng = createRng(7).fork('clones');
  const sources = ['pvc', 'snapshot'];
  const variants = sources.map((source) => ({ image: 'rhel9', source }));
  const name = 'PVC or snapshot';
  const until = 'dataVolumeSucceeded';
  const step = draft.step({ kind: 'clone', name, variants, until, interleaved: true });
  let usedGib = FIRST_GIB;
  let at = start;
  for (let wave = 0; wave < 2 * WAVES; wave++) {
    const variant = [0, 1, 1, 0][wave % 4] ?? 0;
    draft.wave({ step, wave, at, n: 5, warmup: wave < 2 });
    const mean = (variant === 0 ? 60 : 6) * rng.gamma(1, 0.05);
    let last = at;
    for (let i = 0; i < 5; i++) {
      const seen = at + i * 0.2 + 0.05;
      const end = seen + mean * rng.gamma(1, 0.2);
      draft.clone({
        step,
        wave,
        variant,
        name: `clone-${wave}-${i}`,
        source: sources[variant] ?? '',
        sent: at + i * 0.2,
        seen,
        scheduled: seen + 0.1,
        inProgress: seen + 0.3,
        rebind: end - 0.4,
        succeeded: end,
      });
      last = Math.max(last, end);
    }
    usedGib += variant === 0 ? 3 : 0.125;
    usage(draft, last + 0.1, step, wave, usedGib);
    at = last + 5;
  }
  return at;
}

function deployVms(draft: HistoryDraft, start: number): number {
  const rng = createRng(7).fork('machines');
  const variants = IMAGES.map((image) => ({ image, source: 'snapshot', template: image }));
  const step = draft.step({ kind: 'deploy', name: 'deploy', variants, until: 'provisioned' });
  let at = start;
  for (let wave = 0; wave < WAVES; wave++, at += 20) {
    draft.wave({ step, wave, at, n: 4 });
    for (let i = 0; i < 4; i++) {
      const variant = i % 2;
      const name = vmName(wave, i);
      const kind = 'VirtualMachine';
      const uid = `vm-${name}`;
      const seen = at + 0.1 * i + 0.05;
      draft.operation({ step, wave, kind, name, variant, sent: at + 0.1 * i, uid, disks: 2 });
      const owner = draft.object({ kind, name, at: seen, uid });
      for (const source of ['snapshot', 'blank']) {
        const disk = { kind: 'DataVolume', name: `${source}-${name}`, at: seen + 0.5 };
        const volume = draft.object({ ...disk, owner, source });
        const end = seen + 0.5 + (source === 'blank' ? 2 : 6) * rng.gamma(1, 0.2);
        draft.change(volume, end, ['phase', 'Succeeded']);
      }
    }
  }
  return at;
}

function bootVms(draft: HistoryDraft, start: number): number {
  const rng = createRng(7).fork('boots');
  const variants = IMAGES.map((image) => ({ image, template: image }));
  const step = draft.step({ kind: 'boot', name: '=boot', variants, until: 'guestReady' });
  let at = start;
  for (let wave = 0; wave < WAVES; wave++, at += 120) {
    draft.wave({ step, wave, at, n: 4 });
    for (let i = 0; i < 4; i++) {
      const variant = i % 2;
      const seen = at + 0.1 * i + 0.2;
      const running = seen + 12 * rng.gamma(1, 0.1);
      const guestReady = running + (variant === 0 ? 12 : 40) * rng.gamma(1, 0.1);
      const isUnlucky = wave === 3 && i < 2;
      const { operation } = draft.boot({
        step,
        wave,
        variant,
        name: vmName(wave, i),
        sent: at + 0.1 * i,
        seen,
        scheduling: seen + 0.3,
        scheduled: running - 1,
        running,
        node: `worker-${i}`,
        ...(isUnlucky ? {} : { guestReady }),
      });
      if (!isUnlucky) continue;
      if (i === 0) draft.miss(operation, at + 90, 'censored');
      else draft.miss(operation, at + 60, 'failed', 'InstanceFailed');
    }
  }
  return at;
}

function vmName(wave: number, i: number): string {
  return `vm-${wave}-${i}`;
}

function usage(draft: HistoryDraft, at: number, s: number, w: number, usedGib: number): void {
  const usedBytes = Math.round(usedGib * 2 ** 30);
  draft.add({ e: 'usage', t: Math.round(at * 1e6), s, w, usedBytes });
}
