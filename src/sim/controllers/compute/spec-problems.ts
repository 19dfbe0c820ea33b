/**
 * What virt-api refuses in the spec of a VMI, in the order and words of kubevirt v1.1.1
 * pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go: sizes, disks and their
 * volumes, networks and their interfaces. Pure.
 */

import type { VmiSpec } from '../../../api/compute.ts';
import type { StatusDetails } from '../../../api/object.ts';
import { parseBytes, parseCpu } from '../../../core/bytes.ts';

export type AdmissionCause = NonNullable<StatusDetails['causes']>[number];

export function specProblems(spec: VmiSpec | undefined, field: string): readonly AdmissionCause[] {
  if (!spec?.domain) return [required(`${field}.domain`, 'missing domain.')];
  return [
    ...memoryProblems(spec, field),
    ...cpuProblems(spec, field),
    ...diskVolumeProblems(spec, field),
    ...networkProblems(spec, field),
    ...diskProblems(spec, `${field}.domain.devices.disks`),
    ...volumeProblems(spec, `${field}.volumes`),
    ...evictionProblems(spec, field),
  ];
}

export function invalid(field: string, message: string): AdmissionCause {
  return { reason: 'FieldValueInvalid', message, field };
}

export function required(field: string, message: string): AdmissionCause {
  return { reason: 'FieldValueRequired', message, field };
}

function memoryProblems({ domain }: VmiSpec, field: string): AdmissionCause[] {
  const { requests, limits } = domain.resources ?? {};
  const at = `${field}.domain`;
  const asked = parseBytes(requests?.['memory'] ?? '');
  const limit = parseBytes(limits?.['memory'] ?? '');
  const guest = parseBytes(domain.memory?.guest ?? '');
  const problems: AdmissionCause[] = [];
  if (asked !== undefined && limit !== undefined && asked > limit) {
    const where = `${at}.resources.requests.memory`;
    const than = `${at}.resources.limits.memory '${limits?.['memory']}'`;
    problems.push(invalid(where, `${where} '${requests?.['memory']}' is greater than ${than}`));
  }
  if (guest !== undefined && limit !== undefined && guest > limit) {
    const message =
      `${at}.memory.guest '${domain.memory?.guest}' must be equal to or less than the memory ` +
      `limit ${at}.resources.limits.memory '${limits?.['memory']}'`;
    problems.push(invalid(`${at}.memory.guest`, message));
  }
  return problems;
}

function cpuProblems({ domain }: VmiSpec, field: string): AdmissionCause[] {
  const { requests, limits } = domain.resources ?? {};
  const asked = parseCpu(requests?.['cpu'] ?? '');
  const limit = parseCpu(limits?.['cpu'] ?? '');
  if (asked === undefined || limit === undefined || asked <= limit) return [];
  const at = `${field}.domain.resources`;
  const than = `${at}.limits.cpu '${limits?.['cpu']}'`;
  const message = `${at}.requests.cpu '${requests?.['cpu']}' is greater than ${than}`;
  return [invalid(`${at}.requests.cpu`, message)];
}

interface Target {
  readonly bus?: string;
  readonly readOnly?: boolean;
}

interface Disk {
  readonly name?: string;
  readonly bootOrder?: number;
  readonly disk?: Target;
  readonly lun?: Target;
  readonly cdrom?: Target;
}

function listDisks({ domain }: VmiSpec): readonly Disk[] {
  return (domain.devices?.disks ?? []) as readonly Disk[];
}

/** Each disk stands for a volume, and no two of them boot first. */
function diskVolumeProblems(spec: VmiSpec, field: string): AdmissionCause[] {
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const orders = new Set<number>();
  return listDisks(spec).flatMap(({ name = '', bootOrder }, index) => {
    const at = `${field}.domain.devices.disks[${index}]`;
    const problems: AdmissionCause[] = [];
    if (!volumes.has(name)) problems.push(invalid(`${at}.name`, `${at}.Name '${name}' not found.`));
    if (bootOrder !== undefined && orders.has(bootOrder)) {
      const message = `Boot order for ${at}.bootOrder already set for a different device.`;
      problems.push(invalid(`${at}.bootOrder`, message));
    }
    if (bootOrder !== undefined) orders.add(bootOrder);
    return problems;
  });
}

interface Network {
  readonly name?: string;
  readonly pod?: unknown;
  readonly multus?: { readonly networkName?: string };
}

function networkProblems({ networks = [], domain }: VmiSpec, field: string): AdmissionCause[] {
  const interfaces = domain.devices?.interfaces ?? [];
  const list = networks as readonly Network[];
  const known = new Set(list.map(({ name }) => name));
  const joined = new Set<string>();
  const problems: AdmissionCause[] = [];
  for (const [index, { pod, multus }] of list.entries()) {
    const types = Number(pod !== undefined) + Number(multus !== undefined);
    const at = `${field}.networks[${index}]`;
    if (types === 0) problems.push(required(at, 'should have a network type'));
    if (types > 1) problems.push(required(at, 'should have only one network type'));
    if (multus && !multus.networkName) {
      problems.push(required(at, 'CNI delegating plugin must have a networkName'));
    }
  }
  for (const [index, { name }] of interfaces.entries()) {
    const at = `${field}.domain.devices.interfaces[${index}].name`;
    if (!known.has(name)) problems.push(invalid(at, `${at} '${name}' not found.`));
    if (joined.has(name)) {
      problems.push(invalid(at, 'Only one interface can be connected to one specific network'));
    }
    joined.add(name);
  }
  for (const [index, { name = '' }] of list.entries()) {
    const at = `${field}.networks[${index}].name`;
    if (!joined.has(name)) problems.push(required(at, `${at} '${name}' not found.`));
  }
  return problems;
}

const BUSES = ['virtio', 'scsi', 'sata', 'usb'];

function diskProblems(spec: VmiSpec, field: string): AdmissionCause[] {
  const first = new Map<string, number>();
  return listDisks(spec).flatMap((each, index) => {
    const { name = '', bootOrder } = each;
    const at = `${field}[${index}]`;
    const problems = [...duplicate(first, name, index, field), ...targetProblems(each, at)];
    if (bootOrder !== undefined && bootOrder < 1) {
      problems.push(invalid(`${at}.bootOrder`, `${at} must have a boot order > 0, if supplied`));
    }
    return problems;
  });
}

function targetProblems(disk: Disk, at: string): AdmissionCause[] {
  const types = (['disk', 'lun', 'cdrom'] as const).filter((type) => disk[type] !== undefined);
  const problems: AdmissionCause[] = [];
  if (types.length > 1) {
    problems.push(invalid(at, `${at} can only have a single target type defined`));
  }
  const type = types.at(-1);
  const bus = type && disk[type]?.bus;
  if (!type || !bus) return problems;
  const where = `${at}.${type}.bus`;
  if (bus === 'ide') return [...problems, invalid(where, 'IDE bus is not supported')];
  if (!BUSES.includes(bus)) {
    const list = `[${BUSES.join(' ')}]`;
    const message = `${at} is set with an unrecognized bus ${bus}, must be one of: ${list}`;
    problems.push(invalid(where, message));
  }
  if (type === 'cdrom' && bus === 'virtio') {
    problems.push(invalid(where, `Bus type ${bus} is invalid for CD-ROM device`));
  }
  if (type === 'disk' && bus === 'sata' && disk.disk?.readOnly) {
    problems.push(invalid(where, `${bus} hard-disks do not support read-only.`));
  }
  return problems;
}

function volumeProblems({ volumes = [] }: VmiSpec, field: string): AdmissionCause[] {
  const first = new Map<string, number>();
  return volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`;
    const { name, ...sources } = volume;
    const problems = [...duplicate(first, name, index, field)];
    if (volume.dataVolume?.name === '') {
      problems.push(required(`${at}.name`, "DataVolume 'name' must be set"));
    }
    if (Object.keys(sources).length !== 1) {
      problems.push(invalid(at, `${at} must have exactly one source type set`));
    }
    return problems;
  });
}

function duplicate(
  first: Map<string, number>,
  name: string,
  index: number,
  field: string,
): AdmissionCause[] {
  const other = first.get(name);
  if (other === undefined) {
    first.set(name, index);
    return [];
  }
  const at = `${field}[${index}]`;
  return [invalid(`${at}.name`, `${at} and ${field}[${other}] must not have the same Name.`)];
}

const EVICTIONS: ReadonlySet<string> = new Set([
  'LiveMigrate',
  'LiveMigrateIfPossible',
  'None',
  'External',
]);

function evictionProblems({ evictionStrategy }: VmiSpec, field: string): AdmissionCause[] {
  if (evictionStrategy === undefined || EVICTIONS.has(evictionStrategy)) return [];
  const at = `${field}.evictionStrategy`;
  return [invalid(at, `${at} is set with an unrecognized option: ${evictionStrategy}`)];
}
