/**
 * What KubeVirt's webhooks fill into the spec of a VMI (kubevirt v1.1.1
 * pkg/virt-api/webhooks/defaults.go). A VM's own template stays as it was sent, but for the VM
 * type; its VMI gets all of this. Pure.
 */

import type { VmiSpec } from '../../../api/compute.ts';
import { memoryRequestBytes, topology } from '../../../capacity/launcher-request.ts';
import { shared } from './shared.ts';

export interface ClusterDefaults {
  /** Of the KubeVirt object's status; where it has none, nothing is filled in. */
  readonly architecture: string | undefined;
}

export const MACHINE_TYPE = 'pc-q35-rhel9.2.0';

export function withVmiDefaults(sent: VmiSpec, { architecture }: ClusterDefaults): VmiSpec {
  const spec = withNetwork(withDisks(sent));
  const { domain } = spec;
  return {
    ...spec,
    ...(spec.architecture || !architecture ? {} : { architecture }),
    domain: {
      ...domain,
      cpu: shared({ ...topology(spec), model: 'host-model', ...domain.cpu }),
      devices: shared({ ...domain.devices }),
      features: shared({ ...domain.features, acpi: { enabled: true, ...acpi(domain.features) } }),
      machine: shared({ type: MACHINE_TYPE, ...domain.machine }),
      resources: shared(withMemoryRequest(spec)),
      ...(domain.memory ? { memory: shared(domain.memory) } : {}),
    },
  };
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
