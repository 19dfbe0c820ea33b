/**
 * Runs of the same thing, made from seeds: clones both ways and boots, in waves of their own
 * weather, and an effect of the whole run that differs from run to run by a coefficient of
 * variation. Whatever a comparison finds between two of them is false.
 */

import { compareGroups } from '../../src/compare/compare-groups.ts';
import { compareRuns } from '../../src/compare/compare-runs.ts';
import type { ComparedRun } from '../../src/compare/fingerprint.ts';
import { createRng } from '../../src/core/rng.ts';
import { history } from './history.ts';

/** Waves of each kind; intervals of a single run need some, in groups the run counts. */
const WAVES_ALONE = 10;
const WAVES_IN_GROUP = 4;

const OF_A_WAVE = 8;

/** Waves differ by 3 %, objects of a wave by 10 %. */
const WAVE_CV = 0.03;
const OWN_CV = 0.1;

function alikeRun(name: string, runCv: number, waves: number): ComparedRun {
  const rng = createRng(name);
  const run = Math.exp(runCv * rng.normal());
  const draft = history({ target: 'simulated' });
  const seconds = (mean: number, weather: number) =>
    mean * run * weather * Math.exp(OWN_CV * rng.normal());
  const variants = (['pvc', 'snapshot'] as const).map((source) => ({ image: 'rhel9', source }));
  const clones = draft.step({ kind: 'clone', variants, until: 'dataVolumeSucceeded' });
  const boots = draft.step({ kind: 'boot', variants: [{ image: 'rhel9' }], until: 'guestReady' });
  for (let wave = 0; wave < 3 * waves; wave++) {
    const [kind, at] = [wave % 3, 1000 * wave];
    const weather = Math.exp(WAVE_CV * rng.normal());
    const step = kind === 2 ? boots : clones;
    draft.wave({ step, wave, at, n: OF_A_WAVE });
    for (let i = 0; i < OF_A_WAVE; i++) {
      const object = { step, wave, name: `o-${wave}-${i}`, seen: at };
      if (kind < 2) {
        const succeeded = at + seconds(kind === 0 ? 60 : 20, weather);
        draft.clone({ ...object, variant: kind, succeeded });
      } else {
        const guestReady = at + seconds(30, weather);
        draft.boot({ ...object, running: at + 0.6 * (guestReady - at), guestReady });
      }
    }
  }
  draft.end(3000 * waves);
  return { run: draft.run(), manifest: undefined };
}

/** Whether any row was called better, or worse. */
export interface Called {
  readonly better: boolean;
  readonly worse: boolean;
}

function called(rows: readonly { readonly verdict: string }[]): Called {
  const is = (word: string) => rows.some(({ verdict }) => verdict === word);
  return { better: is('better'), worse: is('worse') };
}

/** `runs` of a side against as many that are alike. */
export function compareAlike(name: string, runCv: number, runs: number): Called {
  const waves = runs === 1 ? WAVES_ALONE : WAVES_IN_GROUP;
  const side = (which: string) =>
    Array.from({ length: runs }, (_, i) => alikeRun(`${name}/${which}/${i}`, runCv, waves));
  const [base, head] = [side('base'), side('head')];
  const [first, other] = [base[0], head[0]];
  if (first === undefined || other === undefined) throw new Error('a side needs a run');
  return called((runs === 1 ? compareRuns(first, other) : compareGroups(base, head)).rows);
}

export function calledOf(base: ComparedRun, head: ComparedRun): Called {
  return called(compareRuns(base, head).rows);
}
