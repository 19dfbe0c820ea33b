/** The operations of a wave that an earlier session left half done. */

import { expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Driver } from '../../src/drive/driver.ts';
import type { Past, PastOperation } from '../../src/drive/past.ts';
import type { Slots } from '../../src/drive/slots.ts';
import { createJobs, takeUp } from '../../src/drive/take-up.ts';
import type { Verdict } from '../../src/observe/expectation.ts';
import { planRatio, vms, waveStep } from '../support/toy-plan.ts';

const PLAN = planRatio(waveStep([vms(0, 4)], { kind: 'deploy', until: 'provisioned' }));
const [STEP] = PLAN.steps;
if (STEP === undefined || STEP.kind === 'pause') throw new Error('a step of waves');
const [WAVE] = STEP.waves;
if (WAVE === undefined) throw new Error('a wave');
const PLACE = { step: STEP, wave: WAVE };

const FAILED: Verdict = { how: 'failed', reason: 'Failed' };
const was = (more: Partial<PastOperation>): PastOperation => ({
  intendedUs: 0,
  accepted: true,
  verdict: undefined,
  missed: false,
  ...more,
});

/** The third was not answered, the fourth never sent. */
const BEFORE: readonly (PastOperation | undefined)[] = [
  was({ missed: true, verdict: FAILED }),
  was({}),
  was({ accepted: false }),
  undefined,
];

function stage(uid?: string) {
  const sends: string[] = [];
  const recalled: string[] = [];
  const past: Partial<Past> = { operation: (id) => BEFORE[id], releaseOf: () => 0 };
  const driver = {
    past,
    lab: { rng: createRng(1) },
    notebook: { nowUs: () => 0 },
    stepCounts: { sent: () => {}, recall: (_step: number, how: string) => recalled.push(how) },
    created: { uidOf: () => uid },
    queue: {
      add: (_work: unknown) => {
        sends.push('asked');
        return new Promise(() => {});
      },
    },
  } as unknown as Driver;
  return { driver, sends, recalled };
}

test('what has missed before is no job any more, and what was sent is marked so', () => {
  const jobs = createJobs(stage().driver, PLACE, () => {});
  expect(jobs.map(({ operation, sent }) => [operation.id, sent])).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ]);
});

test('its miss is counted once more, for the wave and for the run', () => {
  const { driver, recalled } = stage();
  const counted: Verdict[] = [];
  const jobs = createJobs(driver, PLACE, () => {});
  const slots = { take: async () => {} } as unknown as Slots;
  takeUp(driver, PLACE, { slots, jobs, count: (verdict) => counted.push(verdict), crash: fail });
  expect(counted).toEqual([FAILED]);
  expect(recalled).toEqual(['failed']);
});

test('only what the server may not have heard of is asked again', () => {
  const { driver, sends } = stage();
  const jobs = createJobs(driver, PLACE, () => {});
  const slots = { take: async () => {} } as unknown as Slots;
  takeUp(driver, PLACE, { slots, jobs, count: () => {}, crash: fail });
  expect(sends).toHaveLength(1);
});

test('what is known by its UID was created: nobody asks for it again', () => {
  const { driver, sends } = stage('uid-2');
  const jobs = createJobs(driver, PLACE, () => {});
  const slots = { take: async () => {} } as unknown as Slots;
  takeUp(driver, PLACE, { slots, jobs, count: () => {}, crash: fail });
  expect(sends).toEqual([]);
});

function fail(error: unknown): never {
  throw error;
}
