/**
 * Which constants of the simulator are the mechanism of which stage: a stage is fitted by these
 * alone, so that none is bent into shape by a constant that has nothing to do with it. This says
 * where a constant may be read off; whether a run's data really tell it is found by changing it
 * (identify.ts).
 */

import type { Parameter } from '../parameters/definition.ts';
import type { GuestProfile } from '../parameters/guests.ts';
import { listParameters, type ParameterOverrides } from '../parameters/parameters.ts';
import type { Simulation } from '../scenario/scenario.ts';
import type { StageName, StageTimes } from './stage-times.ts';

/** A constant's path, `kubelet.sandboxTime`, or `images.rhel9.guest`: all times of a guest. */
export type ConstantPath = string;

/**
 * By how much slower constants make the cluster than where the fit began: times are multiplied by
 * it, rates divided. 1 where one is not named.
 */
export type Factors = ReadonlyMap<ConstantPath, number>;

const CONTROL: readonly StageName[] = [
  'creation',
  'claim',
  'provisioning',
  'completion',
  'start request',
  'launcher pod',
  'scheduling',
  'handover',
];

const STAGES_OF: Readonly<Record<ConstantPath, readonly StageName[]>> = {
  'api.roundTrip': ['request', ...CONTROL],
  'api.watchDelay': CONTROL,
  'api.watchVariation': CONTROL,
  'scheduler.bindTime': ['scheduling'],
  'volumeBinder.bindTime': ['provisioning', 'completion'],
  'volumeBinder.variation': ['provisioning', 'completion'],
  'attachDetach.createTime': ['pod start'],
  'kubelet.inUseDelay': ['pod start'],
  'kubelet.mapTime': ['pod start'],
  'kubelet.sandboxTime': ['pod start'],
  'kubelet.launcherTime': ['pod start'],
  'kubelet.variation': ['pod start', 'domain start', 'guest boot'],
  'kubelet.stopTime': ['stop'],
  'virtHandler.syncTime': ['domain start'],
  'virtHandler.qemuTime': ['domain start'],
  'virtHandler.tpmTime': ['domain start'],
  'virtHandler.shutdownTime': ['stop'],
  'guestDisk.bandwidth': ['guest boot'],
  'guestDisk.writeCost': ['guest boot'],
  'cdi.importBandwidth': ['import'],
  'cdi.blankTime': ['import'],
  'rbd.prepareTime': ['provisioning'],
  'rbd.reserveTime': ['provisioning'],
  'rbd.cloneTime': ['provisioning'],
  'rbd.temporaryLegTime': ['provisioning'],
  'rbd.snapshotCreateTime': ['provisioning'],
  'rbd.snapshotRemoveTime': ['provisioning'],
  'rbd.restoreTime': ['provisioning'],
  'rbd.tailTime': ['provisioning'],
  'rbd.createTime': ['import'],
  'rbd.imageOpenTime': ['provisioning'],
  'rbd.snapshotListTime': ['provisioning'],
  'rbd.variation': ['provisioning'],
  'rbd.writePerObject': ['growth by a GiB'],
  'monitor.commitTime': ['provisioning'],
  'manager.commandTime': ['provisioning'],
  'manager.copyTime': ['provisioning', 'growth by a GiB'],
  'manager.emptyObjectTime': ['provisioning', 'growth by a GiB'],
  'manager.trashRemoveTime': ['growth by a GiB'],
  'local.createTime': ['provisioning'],
  'local.variation': ['provisioning'],
};

const GUEST = /^images\.(.+)\.guest$/;

/** Where only clones of that source meet it. */
const SOURCE_OF: Readonly<Record<ConstantPath, string>> = {
  'rbd.cloneTime': 'pvc',
  'rbd.temporaryLegTime': 'pvc',
  'rbd.snapshotCreateTime': 'pvc',
  'rbd.snapshotRemoveTime': 'pvc',
  'rbd.snapshotListTime': 'pvc',
  'rbd.restoreTime': 'snapshot',
  'rbd.tailTime': 'snapshot',
  'monitor.commitTime': 'pvc',
};

/** Whether the constant is a mechanism of this stage, of an operation on that image and source. */
export function isMechanism(path: ConstantPath, of: Omit<StageTimes, 'waves'>): boolean {
  const { stage, image, source } = of;
  const guestOf = GUEST.exec(path)?.[1];
  if (guestOf !== undefined) return stage === 'guest boot' && guestOf === image;
  const only = SOURCE_OF[path];
  return (only === undefined || only === source) && (STAGES_OF[path]?.includes(stage) ?? false);
}

/** The stages that a constant is read off. */
export function stagesReadFrom(path: ConstantPath): readonly StageName[] {
  return GUEST.test(path) ? ['guest boot'] : (STAGES_OF[path] ?? []);
}

/** Every calibrated constant that a run of this simulation could tell, guests first. */
export function candidates({
  release,
  images,
  isBare,
  losesPower,
}: Simulation): readonly ConstantPath[] {
  const guests = images.flatMap(({ key, guest }) => (guest ? [`images.${key}.guest`] : []));
  const listed = listParameters({}, { only: 'calibrated', release, isBare, losesPower }).map(
    ({ path }) => path,
  );
  return [...guests, ...listed];
}

/**
 * The simulation that a fit begins from: what is known stays, all else is as we would guess it, and
 * nothing goes wrong: what was missed or blurred in a run is left out of its stages.
 */
export function withoutCalibrated(simulation: Simulation): Simulation {
  const calibrated = new Set(candidates(simulation));
  const parameters = Object.fromEntries(
    Object.entries(simulation.parameters).map(([group, values]) => [
      group,
      Object.fromEntries(
        Object.entries(values ?? {}).filter(([name]) => !calibrated.has(`${group}.${name}`)),
      ),
    ]),
  );
  return { ...simulation, parameters, faults: undefined };
}

/** Why the constant has no part in what is simulated; undefined where it may have one. */
export function whyIdle(
  path: ConstantPath,
  { storage }: Simulation,
  counters: Readonly<Record<string, number>>,
): string | undefined {
  const group = path.split('.')[0] ?? '';
  if (storage === 'rbd' && group === 'local') return 'no volume is on a disk of a node';
  if (storage === 'local' && CEPH_GROUPS.has(group)) return 'no volume is on Ceph';
  if (OF_FLATTENING.has(path) && (counters['flattens'] ?? 0) === 0) {
    return 'nothing was flattened: no source had more snapshots than the limit';
  }
  return undefined;
}

const CEPH_GROUPS: ReadonlySet<string> = new Set(['rbd', 'monitor', 'manager', 'pool']);

const OF_FLATTENING: ReadonlySet<ConstantPath> = new Set([
  'manager.commandTime',
  'manager.copyTime',
  'manager.emptyObjectTime',
  'rbd.imageOpenTime',
]);

/** The simulation with its constants made slower by their factors. */
export function withFactors(simulation: Simulation, factors: Factors): Simulation {
  const overrides: Record<string, Record<string, number>> = {};
  for (const [group, values] of Object.entries(simulation.parameters)) {
    overrides[group] = { ...values };
  }
  const { parameters } = simulation;
  for (const { path, parameter, value } of listParameters(parameters, simulation)) {
    const factor = factors.get(path);
    if (factor === undefined) continue;
    const [group = '', name = ''] = path.split('.');
    (overrides[group] ??= {})[name] = slowed(parameter, value, factor);
  }
  return {
    ...simulation,
    parameters: overrides as ParameterOverrides,
    images: simulation.images.map((image) => ({
      ...image,
      guest: image.guest && slowedGuest(image.guest, factors.get(`images.${image.key}.guest`) ?? 1),
    })),
  };
}

function slowed(parameter: Parameter, value: number, factor: number): number {
  if (parameter.type !== 'number') return Math.round(value * factor);
  return parameter.unit.endsWith('/s') ? value / factor : value * factor;
}

/** What the guest reads and writes is its image's, not the cluster's. */
function slowedGuest(guest: GuestProfile, factor: number): GuestProfile {
  return {
    ...guest,
    firmwareUs: Math.round(guest.firmwareUs * factor),
    cpuUs: Math.round(guest.cpuUs * factor),
    servicesUs: Math.round(guest.servicesUs * factor),
  };
}

/** The constant in its inner unit; of a guest the sum of its times. */
export function constantValue(simulation: Simulation, path: ConstantPath): ConstantValue {
  const guestOf = GUEST.exec(path)?.[1];
  if (guestOf !== undefined) {
    const guest = simulation.images.find(({ key }) => key === guestOf)?.guest;
    const value = guest ? guest.firmwareUs + guest.cpuUs + guest.servicesUs : Number.NaN;
    return { value, type: 'duration' };
  }
  const { parameters } = simulation;
  const listed = listParameters(parameters, simulation).find((each) => each.path === path);
  return { value: listed?.value ?? Number.NaN, type: listed?.parameter.type ?? 'number' };
}

export interface ConstantValue {
  readonly value: number;
  readonly type: Parameter['type'];
}
