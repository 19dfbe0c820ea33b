/** The simulated waves beside what was recorded on real controllers, and how far apart they may be. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../sources.ts';
import { type AttachTimes, runAttachWave } from './attach-wave.ts';
import { type CloneTimes, runCloneWave, type WaveName, type WaveResult } from './clone-wave.ts';

export interface Row {
  readonly wave: string;
  readonly what: string;
  readonly real: number;
  readonly simulated: number;
  /** How far the simulated value may be from the real one; what is only shown has none. */
  readonly allowed: number | undefined;
}

export function isWithin({ real, simulated, allowed }: Row): boolean {
  return allowed === undefined || Math.abs(simulated - real) <= allowed;
}

interface RecordedWave {
  readonly makespan: number;
  readonly mean: number;
  readonly sentToClaim: number;
  readonly helperToBound: number;
  readonly boundToSucceeded: number;
  readonly sequences: Readonly<Record<string, number>>;
  readonly eventsPerObject: Readonly<Record<'dataVolume' | 'claim' | 'helper', number>>;
  readonly cdiRequests: Readonly<Record<string, number>>;
  readonly snapshotControllerRequests?: {
    readonly snapshotClient: number;
    readonly coreClient: number;
  };
}

interface Recorded {
  readonly waves: Readonly<Record<WaveName, RecordedWave>>;
  readonly attach: {
    readonly firstToLast: number;
    readonly attachedToNode: { readonly mean: number; readonly max: number };
  };
}

function readRecorded(): Recorded {
  const path = join(ROOT, 'test/fixtures/real-controllers.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Recorded;
}

/**
 * The mean of several seeds: from one to the next the makespan of a wave moves by a twentieth, as
 * much as it may be apart, and the recording is of one wave alone.
 */
export async function compareWave(
  wave: WaveName,
  seeds: readonly number[],
): Promise<readonly Row[]> {
  const tables: (readonly Row[])[] = [];
  for (const seed of seeds) tables.push(await compareOne(wave, seed));
  const [first = []] = tables;
  return first.map((row, index) => ({
    ...row,
    simulated: average(tables.map((table) => table[index]?.simulated ?? Number.NaN)),
  }));
}

async function compareOne(wave: WaveName, seed: number): Promise<readonly Row[]> {
  const real = readRecorded().waves[wave];
  const result = await runCloneWave(wave, { seed });
  return [
    ...timeRows(wave, real, result.clones),
    ...sequenceRows(wave, real, result.clones),
    ...requestRows(wave, real, result),
  ];
}

export async function compareAttach(seed = 1): Promise<readonly Row[]> {
  const { attach } = readRecorded();
  const times = await runAttachWave(100, seed);
  const waits = times.map(({ attached, onNode }: AttachTimes) => onNode - attached);
  const all = times.map(({ attached }) => attached);
  const row = (what: string, real: number, simulated: number, allowed?: number): Row => ({
    wave: 'attach',
    what,
    real,
    simulated,
    allowed,
  });
  const { mean, max } = attach.attachedToNode;
  const span = Math.max(...all) - Math.min(...all);
  return [
    row('first to last attached, s', attach.firstToLast, span, share(attach.firstToLast, 0.05)),
    row('attached to node, mean s', mean, average(waits), share(mean, 0.05, 0.1)),
    row('attached to node, longest s', max, Math.max(...waits), share(max, 0.15, 0.3)),
  ];
}

/** A share of the real value, or at least an amount. */
function share(real: number, part: number, atLeast = 0): number {
  return Math.max(real * part, atLeast);
}

function timeRows(
  wave: WaveName,
  real: RecordedWave,
  clones: readonly CloneTimes[],
): readonly Row[] {
  const mean = (span: (clone: CloneTimes) => number | undefined) =>
    average(clones.map((clone) => span(clone) ?? Number.NaN));
  const between = (from: keyof CloneTimes, to: keyof CloneTimes) =>
    mean((clone) => (clone[to] as number) - (clone[from] as number));
  const makespan = Math.max(...clones.map(({ succeeded }) => succeeded ?? Number.NaN));
  const whole = (what: string, value: number, simulated: number): Row => ({
    wave,
    what,
    real: value,
    simulated,
    allowed: share(value, 0.05),
  });
  const stage = (what: string, value: number, simulated: number): Row => ({
    wave,
    what,
    real: value,
    simulated,
    allowed: share(value, 0.15, 0.3),
  });
  return [
    whole('makespan, s', real.makespan, makespan),
    whole('mean, s', real.mean, between('sent', 'succeeded')),
    stage('sent to PVC, s', real.sentToClaim, between('sent', 'claim')),
    stage('tmp to bound, s', real.helperToBound, between('temporaryClaim', 'bound')),
    stage('bound to Succeeded, s', real.boundToSucceeded, between('bound', 'succeeded')),
  ];
}

function sequenceRows(
  wave: WaveName,
  real: RecordedWave,
  clones: readonly CloneTimes[],
): readonly Row[] {
  const shares = new Map<string, number>();
  for (const { phases } of clones) {
    const sequence = phases.filter((phase) => phase !== '').join(' ');
    shares.set(sequence, (shares.get(sequence) ?? 0) + 100 / clones.length);
  }
  const percent = Object.entries(real.sequences).map(([sequence, value]) => ({
    wave,
    what: `% ${sequence.replaceAll('InProgress', '')}`,
    real: value,
    simulated: shares.get(sequence) ?? 0,
    allowed: 10,
  }));
  const { eventsPerObject: events } = real;
  const seen = (what: string, value: number, pick: (clone: CloneTimes) => number): Row => ({
    wave,
    what,
    real: value,
    simulated: average(clones.map(pick)),
    allowed: share(value, 0.1),
  });
  return [
    ...percent,
    seen('watch events a DataVolume', events.dataVolume, (clone) => clone.events),
    seen('watch events a target PVC', events.claim, (clone) => clone.claimEvents),
    seen('watch events a tmp PVC', events.helper, (clone) => clone.temporaryEvents),
  ];
}

function requestRows(wave: WaveName, real: RecordedWave, result: WaveResult): readonly Row[] {
  const perClone = (component: string, test: (what: string) => boolean) => {
    const row = [...(result.requests.get(component) ?? [])];
    const sum = row.reduce((total, [what, times]) => total + (test(what) ? times : 0), 0);
    return sum / result.clones.length;
  };
  const of = (component: string, pattern: RegExp) =>
    perClone(component, (what) => pattern.test(what));
  const counted = (what: string, value: number, simulated: number): Row => ({
    wave,
    what: `${what} requests`,
    real: value,
    simulated,
    allowed: share(value, 0.1),
  });
  const {
    dataVolumes = 0,
    claims = 0,
    cloneSources = 0,
    volumes = 0,
    events = 0,
  } = real.cdiRequests;
  const rows = [
    counted('CDI DataVolume', dataVolumes, of('cdi', / datavolumes/)),
    counted('CDI PVC', claims, of('cdi', / persistentvolumeclaims/)),
    // A few of the real ones find that the object is there already, or gone.
    {
      ...counted('CDI VolumeCloneSource', cloneSources, of('cdi', / volumeclonesources/)),
      allowed: 0.5,
    },
    counted('CDI PV', volumes, of('cdi', / persistentvolumes\b/)),
    counted('CDI event', events, of('cdi', / events/)),
  ];
  const controller = real.snapshotControllerRequests;
  if (!controller) return rows;
  const snapshots = of('snapshot-controller', / volumesnapshot/);
  const core = of('snapshot-controller', / (?:events|persistentvolumes|persistentvolumeclaims)/);
  return [
    ...rows,
    counted('snapshot-controller snapshot client', controller.snapshotClient, snapshots),
    counted('snapshot-controller core client', controller.coreClient, core),
  ];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
