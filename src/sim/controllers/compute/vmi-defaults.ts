/**
 * What KubeVirt's webhooks fill into the spec of a VMI (kubevirt v1.1.1
 * pkg/virt-api/webhooks/defaults.go, d923fdb8 pkg/defaults). A VM's own template stays as it was
 * sent, but for the VM type; its VMI gets all of this. Pure.
 */

import type { VmiSpec } from '../../../api/compute.ts';
import { formatQuantity, MIB, parseBytes } from '../../../core/bytes.ts';
import { has, type Release } from '../../../parameters/release.ts';
import { memoryRequestBytes, topology } from '../../../capacity/launcher-request.ts';
import { shared } from './shared.ts';

export interface ClusterDefaults {
  /** Of the KubeVirt object's status; where it has none, nothing is filled in. */
  readonly architecture: string | undefined;
  readonly release: Release;
}

/** OpenShift Virtualization names the one of its RHEL; KubeVirt itself names none. */
export function machineType({ release }: { readonly release: Release }): string {
  return release === 'ocp-4.15' ? 'pc-q35-rhel9.2.0' : 'q35';
}

export function withVmiDefaults(sent: VmiSpec, defaults: ClusterDefaults): VmiSpec {
  const spec = withHardware(withNetwork(withDisks(sent)), defaults);
  const architecture = spec.architecture || defaults.architecture;
  const placed = { ...spec, ...(architecture ? { architecture } : {}) };
  return has(defaults, 'liveUpdates') ? withRoom(placed) : placed;
}

function withHardware(spec: VmiSpec, defaults: ClusterDefaults): VmiSpec {
  const { domain } = spec;
  const isRequested = has(defaults, 'memoryRequested');
  return {
    ...spec,
    domain: {
      ...domain,
      cpu: shared({ ...topology(spec), model: 'host-model', ...domain.cpu }),
      devices: shared({ ...domain.devices }),
      features: shared({ ...domain.features, acpi: { enabled: true, ...acpi(domain.features) } }),
      machine: shared({ type: machineType(defaults), ...domain.machine }),
      resources: shared(isRequested ? withMemoryRequest(spec) : withCpuRequest(spec)),
      ...(domain.memory ? { memory: shared(domain.memory) } : {}),
    },
  };
}

/** So many times what a guest has may be plugged into it: virt-config.go DefaultMaxHotplugRatio. */
const PLUG_RATIO = 4;
const MOST_VCPUS = 512;
const PLUG_ALIGNMENT = 2 * MIB;
const LEAST_PLUGGABLE = 1024 * MIB;

/** What of CPUs and memory may be plugged in while it runs. */
function withRoom(spec: VmiSpec): VmiSpec {
  const { domain } = spec;
  const { sockets, cores, threads } = topology(spec);
  const mostSockets = Math.floor(MOST_VCPUS / (cores * threads));
  const maxSockets = Math.max(sockets, Math.min(sockets * PLUG_RATIO, mostSockets));
  const guest = parseBytes(domain.memory?.guest ?? '') ?? 0;
  const plugsMemory =
    spec.architecture === 'amd64' && guest >= LEAST_PLUGGABLE && guest % PLUG_ALIGNMENT === 0;
  const maxGuest = plugsMemory ? { maxGuest: formatQuantity(guest * PLUG_RATIO) } : {};
  return {
    ...spec,
    domain: {
      ...domain,
      cpu: shared({ maxSockets, ...domain.cpu }),
      ...(domain.memory ? { memory: shared({ ...maxGuest, ...domain.memory }) } : {}),
    },
  };
}

/** A limit is asked for as well. */
function withCpuRequest({ domain: { resources = {} } }: VmiSpec): object {
  const cpu = resources.requests?.['cpu'] ?? resources.limits?.['cpu'];
  return cpu === undefined ? resources : { ...resources, requests: { ...resources.requests, cpu } };
}

function acpi(features: VmiSpec['domain']['features']): object {
  return (features?.['acpi'] ?? {}) as object;
}

/** The guest's memory, in its own words, is what is asked for. */
function withMemoryRequest(spec: VmiSpec): object {
  const { resources = {}, memory } = spec.domain;
  const { requests, limits } = resources;
  const cpu = requests?.['cpu'] ?? limits?.['cpu'];
  const text = requests?.['memory'] ?? limits?.['memory'] ?? memory?.guest;
  const asked = text ?? (memoryRequestBytes(spec) > 0 ? memory?.hugepages?.pageSize : undefined);
  const filled = { ...(cpu ? { cpu } : {}), ...(asked ? { memory: asked } : {}) };
  if (Object.keys(filled).length === 0) return resources;
  return { ...resources, requests: { ...requests, ...filled } };
}

interface Disk {
  readonly name: string;
  readonly disk?: object;
  readonly cdrom?: object;
  readonly lun?: object;
}

/** Disks stand on SATA where nothing is said, and each volume has one. */
function withDisks(spec: VmiSpec): VmiSpec {
  const disks = (spec.domain.devices?.disks ?? []) as readonly Disk[];
  const named = new Set(disks.map(({ name }) => name));
  const missing = (spec.volumes ?? []).filter(({ name }) => !named.has(name));
  const filled = [...disks, ...missing.map(({ name }) => ({ name }))].map(withBus);
  const devices = { ...spec.domain.devices, ...(filled.length > 0 ? { disks: filled } : {}) };
  return { ...spec, domain: { ...spec.domain, devices } };
}

function withBus(each: Disk): Disk {
  const type = (['disk', 'cdrom', 'lun'] as const).find((known) => each[known]) ?? 'disk';
  return { ...each, [type]: { bus: 'sata', ...each[type] } };
}

/** The pod's network by a bridge, where no network is named. */
function withNetwork(spec: VmiSpec): VmiSpec {
  const { devices } = spec.domain;
  const named = (spec.networks?.length ?? 0) > 0 || (devices?.interfaces?.length ?? 0) > 0;
  if (named || devices?.autoattachPodInterface === false) return spec;
  const interfaces = [{ name: 'default', bridge: {} }];
  return {
    ...spec,
    networks: [{ name: 'default', pod: {} }],
    domain: { ...spec.domain, devices: { ...devices, interfaces } },
  };
}
