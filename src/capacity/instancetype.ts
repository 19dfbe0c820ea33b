/**
 * What an instance type and a preference make of a VM's template (kubevirt v1.1.1
 * pkg/instancetype/instancetype.go). An instance type decides, and conflicts with whatever the
 * template says of the same; a preference only fills in what nobody said.
 */

import type { Devices, VmiSpec } from '../api/compute.ts';
import { parseBytes } from '../core/bytes.ts';

export interface InstancetypeSpec {
  readonly cpu: {
    readonly guest: number;
    readonly model?: string;
    readonly dedicatedCPUPlacement?: boolean;
    readonly isolateEmulatorThread?: boolean;
  };
  readonly memory: {
    readonly guest: string;
    readonly hugepages?: { readonly pageSize?: string };
    readonly overcommitPercent?: number;
  };
  readonly gpus?: Devices['gpus'];
  readonly hostDevices?: Devices['hostDevices'];
  readonly ioThreadsPolicy?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

type Topology = 'preferSockets' | 'preferCores' | 'preferThreads' | 'preferSpread';

export interface PreferenceSpec {
  readonly cpu?: { readonly preferredCPUTopology?: Topology };
  readonly preferSpreadSocketToCoreRatio?: number;
  readonly devices?: Readonly<Record<string, unknown>>;
  readonly features?: Readonly<Record<string, unknown>>;
  readonly firmware?: {
    readonly preferredUseBios?: boolean;
    readonly preferredUseEfi?: boolean;
    readonly preferredUseSecureBoot?: boolean;
  };
  readonly machine?: { readonly preferredMachineType?: string };
  readonly preferredTerminationGracePeriodSeconds?: number;
  readonly requirements?: {
    readonly cpu?: { readonly guest: number };
    readonly memory?: { readonly guest: string };
  };
}

export interface Applied {
  readonly spec: VmiSpec;
  /** Fields of the template that the instance type decides, relative to the spec. */
  readonly conflicts: readonly string[];
}

export function applyInstancetype(
  spec: VmiSpec,
  type: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
): Applied {
  const conflicts = type ? findConflicts(spec, type) : [];
  if (conflicts.length > 0) return { spec, conflicts };
  const sized = type ? withSize(spec, type, preference) : spec;
  return { spec: preference ? withPreference(sized, preference) : sized, conflicts };
}

/** Why the guest is too small for its preference; undefined where it is not. */
export function findShortage(
  type: InstancetypeSpec | undefined,
  { requirements }: PreferenceSpec,
): string | undefined {
  if (!type || !requirements) return undefined;
  const cpus = requirements.cpu?.guest ?? 0;
  if (type.cpu.guest < cpus) {
    return (
      `insufficient CPU resources of ${type.cpu.guest} vCPU provided by instance type, ` +
      `preference requires ${cpus} vCPU`
    );
  }
  const memory = requirements.memory?.guest;
  if (memory === undefined) return undefined;
  if ((parseBytes(type.memory.guest) ?? 0) >= (parseBytes(memory) ?? 0)) return undefined;
  return (
    `insufficient Memory resources of ${type.memory.guest} provided by instance type, ` +
    `preference requires ${memory}`
  );
}

function findConflicts(spec: VmiSpec, type: InstancetypeSpec): readonly string[] {
  const { cpu = {}, memory, resources, devices = {} } = spec.domain;
  const said: readonly (readonly [string, unknown])[] = [
    ['nodeSelector', type.nodeSelector && spec.nodeSelector],
    ['domain.resources.requests.cpu', resources?.requests?.['cpu']],
    ['domain.resources.limits.cpu', resources?.limits?.['cpu']],
    ['domain.cpu.sockets', cpu.sockets],
    ['domain.cpu.cores', cpu.cores],
    ['domain.cpu.threads', cpu.threads],
    ['domain.cpu.model', type.cpu.model && cpu.model],
    [
      'domain.cpu.dedicatedCPUPlacement',
      type.cpu.dedicatedCPUPlacement && cpu.dedicatedCpuPlacement,
    ],
    ['domain.memory', memory],
    ['domain.resources.requests.memory', !memory && resources?.requests?.['memory']],
    ['domain.resources.limits.memory', !memory && resources?.limits?.['memory']],
    ['domain.devices.gpus', type.gpus && devices.gpus?.length],
    ['domain.devices.hostDevices', type.hostDevices && devices.hostDevices?.length],
  ];
  return said.filter(([, value]) => Boolean(value)).map(([field]) => field);
}

function withSize(
  spec: VmiSpec,
  type: InstancetypeSpec,
  preference: PreferenceSpec | undefined,
): VmiSpec {
  const { domain } = spec;
  const { guest, hugepages, overcommitPercent = 0 } = type.memory;
  const { model, dedicatedCPUPlacement, isolateEmulatorThread } = type.cpu;
  const share = 1 - overcommitPercent / 100;
  const requests = { memory: String(Math.floor((parseBytes(guest) ?? 0) * share)) };
  return {
    ...spec,
    ...(type.nodeSelector ? { nodeSelector: type.nodeSelector } : {}),
    domain: {
      ...domain,
      cpu: {
        ...domain.cpu,
        ...spreadCpus(type.cpu.guest, preference),
        ...(model ? { model } : {}),
        ...(dedicatedCPUPlacement ? { dedicatedCpuPlacement: true } : {}),
        ...(isolateEmulatorThread ? { isolateEmulatorThread } : {}),
      },
      memory: { guest, ...(hugepages ? { hugepages } : {}) },
      ...(overcommitPercent > 0
        ? {
            resources: {
              ...domain.resources,
              requests: { ...domain.resources?.requests, ...requests },
            },
          }
        : {}),
      devices: {
        ...domain.devices,
        ...(type.gpus ? { gpus: type.gpus } : {}),
        ...(type.hostDevices ? { hostDevices: type.hostDevices } : {}),
      },
    },
  };
}

const SPREAD_RATIO = 2;

function spreadCpus(guest: number, preference: PreferenceSpec | undefined) {
  const one = { sockets: 1, cores: 1, threads: 1 };
  switch (preference?.cpu?.preferredCPUTopology) {
    case 'preferCores':
      return { ...one, cores: guest };
    case 'preferThreads':
      return { ...one, threads: guest };
    case 'preferSpread': {
      const cores = preference.preferSpreadSocketToCoreRatio ?? SPREAD_RATIO;
      return { ...one, sockets: Math.floor(guest / cores), cores };
    }
    default:
      return { ...one, sockets: guest };
  }
}

/** Preferred booleans and values of devices, by what they fill in. */
const DEVICES: Readonly<Record<string, string>> = {
  preferredAutoattachGraphicsDevice: 'autoattachGraphicsDevice',
  preferredAutoattachMemBalloon: 'autoattachMemBalloon',
  preferredAutoattachPodInterface: 'autoattachPodInterface',
  preferredAutoattachSerialConsole: 'autoattachSerialConsole',
  preferredBlockMultiQueue: 'blockMultiQueue',
  preferredNetworkInterfaceMultiQueue: 'networkInterfaceMultiqueue',
  preferredDisableHotplug: 'disableHotplug',
  preferredRng: 'rng',
  preferredTPM: 'tpm',
};

function withPreference(spec: VmiSpec, preference: PreferenceSpec): VmiSpec {
  const { domain } = spec;
  const type = preference.machine?.preferredMachineType;
  const seconds = preference.preferredTerminationGracePeriodSeconds;
  return {
    ...(seconds === undefined ? {} : { terminationGracePeriodSeconds: seconds }),
    ...spec,
    domain: {
      ...domain,
      ...(type && !domain.machine?.type ? { machine: { type } } : {}),
      ...withFirmware(domain, preference),
      devices: preferredDevices(domain.devices ?? {}, preference.devices ?? {}),
    },
  };
}

function withFirmware({ firmware }: VmiSpec['domain'], preference: PreferenceSpec) {
  const { preferredUseBios, preferredUseEfi, preferredUseSecureBoot } = preference.firmware ?? {};
  const said = firmware?.bootloader?.bios ?? firmware?.bootloader?.efi;
  if (said !== undefined || (!preferredUseBios && !preferredUseEfi)) return {};
  const secure = preferredUseSecureBoot === undefined ? {} : { secureBoot: preferredUseSecureBoot };
  const bootloader = preferredUseBios ? { bios: {} } : { efi: secure };
  return { firmware: { ...firmware, bootloader } };
}

interface Disk {
  readonly disk?: { readonly bus?: string };
  readonly cdrom?: { readonly bus?: string };
  readonly lun?: { readonly bus?: string };
}

function preferredDevices(devices: Devices, preferred: Readonly<Record<string, unknown>>): Devices {
  const known = devices as Readonly<Record<string, unknown>>;
  const filled = Object.entries(DEVICES).filter(
    ([name, field]) => preferred[name] !== undefined && known[field] === undefined,
  );
  const model = preferred['preferredInterfaceModel'] as string | undefined;
  const bus = (of: string) => preferred[`preferred${of}Bus`] as string | undefined;
  const withBus = (target: object, wanted: string | undefined) =>
    wanted ? { bus: wanted, ...target } : target;
  const disks = (devices.disks as readonly Disk[] | undefined)?.map((each) => {
    if (each.cdrom) return { ...each, cdrom: withBus(each.cdrom, bus('Cdrom')) };
    if (each.lun) return { ...each, lun: withBus(each.lun, bus('Lun')) };
    return { ...each, disk: withBus(each.disk ?? {}, bus('Disk')) };
  });
  return {
    ...devices,
    ...Object.fromEntries(filled.map(([name, field]) => [field, preferred[name]])),
    ...(disks ? { disks } : {}),
    ...(model && devices.interfaces
      ? { interfaces: devices.interfaces.map((each) => ({ model, ...each })) }
      : {}),
  };
}
