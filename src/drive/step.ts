/**
 * Steps of the plan, alone or beside each other: the waves of each one by one, in a closed or an
 * open loop or behind those of another, and its cleaning up.
 */

import { testText } from '../catalogue/tests.ts';
import { unreachable } from '../core/assert.ts';
import type { PlannedStep, WaveStep } from '../plan/plan.ts';
import type { StepEntry } from '../record/entry.ts';
import type { Driver } from './driver.ts';
import { listProbes } from './expectation-of.ts';
import { watchStep } from './watch-step.ts';
import { withObjects } from './pick.ts';
import { untilStopped } from './session.ts';
import { createSlots } from './slots.ts';
import { recallWave } from './take-up.ts';
import { clearObjects } from './teardown.ts';
import { recordUsage } from './usage.ts';
import { releaseWave } from './wave.ts';

/**
 * Resolves when all of them are over, or cut off. None does anything before each is looked out for:
 * what one does is what another waits for.
 */
export async function runSteps(driver: Driver, planned: readonly PlannedStep[]): Promise<void> {
  const begun: BegunStep[] = [];
  for (const step of planned) {
    // One after the other: the history tells of them in their order.
    begun.push(...(await beginStep(driver, step)));
    if (driver.stop.signal.aborted) return;
  }
  await Promise.all(begun.map((each) => playStep(driver, each)));
}

interface BegunStep {
  readonly step: PlannedStep;
  readonly startUs: number;
}

/** Nothing where an earlier session has seen its end, or the run was stopped. */
async function beginStep(driver: Driver, planned: PlannedStep): Promise<readonly BegunStep[]> {
  const { past, stepCounts, notebook } = driver;
  const step = await withObjects(driver, planned);
  if (driver.stop.signal.aborted) return [];
  stepCounts.startStep(step);
  if (past?.stepIsOver(step.index)) {
    recallStep(driver, step);
    return [];
  }
  const startUs = notebook.nowUs();
  if (!past?.stepBegan(step.index)) notebook.write(stepEntry(step, startUs));
  if (step.kind !== 'pause') await watchStep(driver, step);
  return [{ step, startUs }];
}

async function playStep(driver: Driver, { step, startUs }: BegunStep): Promise<void> {
  if (step.kind === 'pause') return pause(driver, step.durationUs);
  await runWaves(driver, step);
  driver.waveEnds.allOver(step.name);
  await recordUsage(driver, step.index);
  await driver.metrics.record(step.index, startUs);
  if (!step.cleanup || driver.stop.signal.aborted) return;
  driver.stepCounts.doing('cleaning');
  await clearObjects(driver, driver.created.list(step.index));
  await recordUsage(driver, step.index);
}

function recallStep(driver: Driver, step: PlannedStep): void {
  if (step.kind === 'pause') return;
  for (const wave of step.waves) recallWave(driver, { step, wave });
}

async function runWaves(driver: Driver, step: WaveStep): Promise<void> {
  const { stop, past } = driver;
  const slots = createSlots(step.inFlightMax);
  const openSlots = () => slots.open();
  stop.signal.addEventListener('abort', openSlots, { once: true });
  const startUs = scheduleStart(driver, step);
  const ends: Promise<void>[] = [];
  const usage: Promise<void>[] = [];
  for (const [turn, wave] of step.waves.entries()) {
    if (stop.signal.aborted) break;
    if (past?.waveIsOver(step.index, wave.index)) {
      recallWave(driver, { step, wave });
      driver.waveEnds.over(step.name, wave.index);
      continue;
    }
    const isNew = past?.releaseOf(step.index, wave.index) === undefined;
    if (isNew) await untilRelease(driver, step, startUs, turn);
    if (stop.signal.aborted) break;
    const share = step.pacing.loop === 'closed' ? step.pacing.share : 0;
    const onEnd = () => {
      driver.waveEnds.over(step.name, wave.index);
      usage.push(recordUsage(driver, step.index, wave.index));
    };
    const running = releaseWave(driver, { step, wave, slots, share, onEnd });
    ends.push(running.end);
    await running.gate;
  }
  await Promise.all(ends);
  await Promise.all(usage);
  stop.signal.removeEventListener('abort', openSlots);
}

/** When the first wave of an open loop was due; an outage moves all that were not released. */
function scheduleStart({ past, notebook }: Driver, { index, waves, pacing }: WaveStep): number {
  const nowUs = notebook.nowUs();
  if (pacing.loop !== 'open' || !past?.stepBegan(index)) return nowUs;
  const turn = waves.findIndex((wave) => past.releaseOf(index, wave.index) === undefined);
  return nowUs - Math.max(0, turn) * pacing.everyUs;
}

/** After a closed-loop gate comes the pause; an open loop keeps to its schedule, late or not. */
async function untilRelease(
  driver: Driver,
  { pacing }: WaveStep,
  startUs: number,
  turn: number,
): Promise<void> {
  switch (pacing.loop) {
    case 'closed':
      if (turn > 0 && pacing.pauseUs > 0) await pause(driver, pacing.pauseUs);
      return;
    case 'open': {
      const waitUs = startUs + turn * pacing.everyUs - driver.notebook.nowUs();
      if (waitUs > 0) await driver.lab.clock.sleep(waitUs, { signal: driver.stop.signal });
      return;
    }
    case 'after':
      await untilStopped(driver, driver.waveEnds.whenOver(pacing.step, turn));
      return;
    default:
      unreachable(pacing);
  }
}

async function pause({ lab, stop, stepCounts }: Driver, durationUs: number): Promise<void> {
  stepCounts.doing('pausing');
  await lab.clock.sleep(durationUs, { signal: stop.signal });
}

function stepEntry(step: PlannedStep, t: number): StepEntry {
  const head = { e: 'step', t, s: step.index, kind: step.kind, name: step.name } as const;
  if (step.kind === 'pause') return { ...head, ...PAUSE_FACTS };
  const probes = listProbes(step);
  return {
    ...head,
    variants: step.variants,
    until: step.until,
    waves: step.waves.length,
    operations: step.waves.reduce((sum, { operations }) => sum + operations.length, 0),
    timeoutUs: step.timeoutUs,
    errorBudget: step.errorBudget,
    loop: step.pacing.loop === 'open' ? 'open' : 'closed',
    ...(probes.length === 0 ? {} : { probe: probes.map(testText).join(', ') }),
    ...(step.churn === undefined ? {} : { churn: step.churn }),
    ...(step.interleaved ? { interleaved: true } : {}),
    ...(step.inFlightMax === undefined ? {} : { inFlightMax: step.inFlightMax }),
    ...(step.asks === undefined ? {} : { stages: step.asks.goals.map((goal) => goal.name) }),
  };
}

const PAUSE_FACTS = {
  variants: [],
  until: 'none',
  waves: 0,
  operations: 0,
  timeoutUs: 0,
  errorBudget: 0,
  loop: 'closed',
} as const;
