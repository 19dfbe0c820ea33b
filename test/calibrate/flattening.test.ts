/** How quickly Ceph flattens, told by the pool before any clone waits for it; or said not to be. */

import { beforeAll, describe, expect, test } from 'vitest';
import { type Calibration, calibrate } from '../../src/calibrate/calibrate.ts';
import type { Simulate } from '../../src/calibrate/measured-case.ts';
import { measuredCase } from '../../src/calibrate/measured-case.ts';
import { withFactors } from '../../src/calibrate/mechanisms.ts';
import { twinText } from '../../src/calibrate/twin-document.ts';
import { openTarget } from '../../src/cli/target.ts';
import { createRng } from '../../src/core/rng.ts';
import { calibrationAnswers } from '../../src/report/calibration/calibration-words.ts';
import { simulateRun } from '../../src/run/simulate-run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const SLOWER = 2;

/** With limits that a small run gets beyond, and no other trace of it than the pool's. */
function scenarioOf(clones: number, softSnapshots: number) {
  const parsed = parseScenario(
    `name: flattening
storage: { class: ceph-rbd }
images: { rhel9: { import: { url: "http://images.example/rhel9.qcow2" }, size: 4Gi } }
steps:
  - clone: { image: rhel9, sources: [pvc], count: ${clones}, wave: { size: 20, pause: 30s } }
simulation:
  images: { rhel9: { guest: none, data: 1Gi } }
  rbd: { softSnapshots: ${softSnapshots}, imageOpenTime: 0ms }
  manager: { commandTime: 1ms }
`,
    'flattening.yaml',
  );
  if ('scenario' in parsed) return parsed.scenario;
  throw new Error(JSON.stringify(parsed.problems));
}

const simulate: Simulate = (scenario, seed) => simulateRun(openTarget, scenario, { seed });

async function calibrated(clones: number, softSnapshots: number): Promise<Calibration> {
  const scenario = scenarioOf(clones, softSnapshots);
  const factors = new Map([['manager.copyTime', SLOWER]]);
  const hidden = withFactors(scenario.simulation, factors);
  const runs = [];
  for (const [n, id] of ['a', 'b'].entries()) {
    runs.push({ id, run: await simulate({ ...scenario, simulation: hidden }, 500 + n) });
  }
  const measured = measuredCase(scenario, runs, { holdout: true, rng: createRng('test') });
  return calibrate([measured], { simulate, seed: 1, unknowns: UNKNOWNS });
}

/** That of the manager, and one that the clones tell. */
const UNKNOWNS = [['manager.copyTime'], ['rbd.prepareTime']];

const answers = (calibration: Calibration) =>
  calibrationAnswers({
    runs: ['a', 'b'],
    cluster: 'c',
    invalid: [],
    calibration,
    drift: undefined,
    against: undefined,
  });

describe('a run that goes on beyond the soft limit', () => {
  let calibration: Calibration;
  beforeAll(async () => {
    calibration = await calibrated(80, 10);
  });

  test('tells how long the copying of an object takes, though no clone waits for it', () => {
    expect(calibration.counters['resourceExhausted']).toBe(0);
    const found = calibration.fit.fitted.find(({ paths }) => paths.includes('manager.copyTime'));
    expect(Math.abs((found?.factor ?? 0) / SLOWER - 1)).toBeLessThan(0.1);
    expect(found?.lo).toBeLessThan(SLOWER);
    expect(found?.hi).toBeGreaterThan(SLOWER);
  });

  test('growth is a row of its own, and nothing is said to be a guess', () => {
    expect(calibration.quality.map(({ stage }) => stage)).toContain('growth by a GiB');
    expect(calibration.flattening).toMatchObject({ isTold: true, clones: 80 });
    expect(answers(calibration).join(' ')).not.toContain('GUESS');
    expect(twinText(calibration, { runs: ['a', 'b'], cluster: 'c' })).toMatch(/guessed: \[\]/);
  });
});

describe('a run that stays below it', () => {
  let calibration: Calibration;
  beforeAll(async () => {
    calibration = await calibrated(40, 250);
  });

  test('leaves the manager as it was, and says how much to measure', () => {
    const left = calibration.notIdentified.map(({ path }) => path);
    expect(left).toContain('manager.copyTime');
    expect(calibration.flattening).toMatchObject({ isTold: false, clones: 40, clonesLeast: 400 });
    expect(answers(calibration).at(-1)).toMatch(
      /more than 250 clones of one claim is a GUESS.* made 40,.* measure 400 clones of one image/,
    );
  });

  test('its twin says of clones beyond the limits that they are guesses', () => {
    expect(twinText(calibration, { runs: ['a', 'b'], cluster: 'c' })).toMatch(
      /guessed:\s+- flattens\s+- resourceExhausted/,
    );
  });
});
