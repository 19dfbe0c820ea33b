/**
 * What the virt-launcher pod of a VM asks of a node, by KubeVirt's own formula and no calibration
 * (kubevirt v1.1.1 pkg/virt-controller/services/renderresources.go, serialconsolelog.go; since
 * v1.8 pkg/hypervisor/kvm/hypervisorbackend.go). The guest's memory is asked for whole, CPUs by
 * the allocation ratio, and beside it stands the container that keeps the serial console's log.
 */

import type { CpuTopology, Devices, VmiSpec } from '../api/compute.ts';
import { formatQuantity, MIB, parseBytes, parseCpu } from '../core/bytes.ts';
import { deepFreeze } from '../core/json.ts';

/** What differs by release or by the KubeVirt object's configuration. */
export interface LauncherRules {
  /** vCPUs that share a requested CPU. */
  readonly cpuAllocationRatio: number;
  /** The launcher's processes: monitor, launcher, virtlogd, virtqemud and QEMU itself. */
  readonly launcherProcessesBytes: number;
  /** Video memory, where a graphics device is attached. */
  readonly graphicsMemoryBytes: number;
  /** Page tables are of memory that the VM asks for in so many words, not of its guest's. */
  readonly tablesOfRequest?: boolean;
  /** Guest memory by what is asked for it: 150 asks two thirds. 100 where it is absent. */
  readonly memoryOvercommitPercent?: number;
  /** Guests run without KVM: their pods ask for no device of it. */
  readonly emulates?: boolean;
  /** Whether the serial console's log has a container; it has where this is absent. */
  readonly keepsConsoleLog?: boolean;
}

export interface ContainerResources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** Requests and limits of the container that runs the guest. */
export function computeResources(spec: VmiSpec, rules: LauncherRules): ContainerResources {
  const { requests: asked = {}, limits = {} } = spec.domain.resources ?? {};
  const memoryBytes = memoryRequestBytes(spec, rules.memoryOvercommitPercent);
  const overcommits = spec.domain.resources?.overcommitGuestOverhead === true;
  const overheadBytes = launcherOverheadBytes(spec, rules);
  const memory = formatQuantity(memoryBytes + (overcommits ? 0 : overheadBytes));
  const pageSize = spec.domain.memory?.hugepages?.pageSize;
  const pages = pageSize ? { [`hugepages-${pageSize}`]: String(memoryBytes) } : {};
  const devices = requiredDevices(spec, rules.emulates ?? false);
  const limited = limitedAmounts(spec, limits, overheadBytes, memory);
  return {
    requests: {
      ...asked,
      cpu: asked['cpu'] ?? limited['cpu'] ?? millis(vcpus(spec), rules.cpuAllocationRatio),
      'ephemeral-storage': EPHEMERAL_STORAGE,
      memory: pageSize ? String(overheadBytes) : memory,
      ...pages,
      ...devices,
    },
    limits: { ...limited, ...pages, ...devices },
  };
}

function limitedAmounts(
  spec: VmiSpec,
  limits: Readonly<Record<string, string>>,
  overheadBytes: number,
  memory: string,
): Readonly<Record<string, string>> {
  if (spec.domain.cpu?.dedicatedCpuPlacement) {
    const emulator = spec.domain.cpu.isolateEmulatorThread ? 1 : 0;
    return { ...limits, cpu: String(vcpus(spec) + emulator), memory };
  }
  const memoryBytes = parseBytes(limits['memory'] ?? '');
  if (memoryBytes === undefined) return limits;
  return { ...limits, memory: String(memoryBytes + overheadBytes) };
}

/** Of the container that keeps the serial console's log; undefined where the VM wants none. */
export function consoleLogResources(
  spec: VmiSpec,
  { keepsConsoleLog = true }: Pick<LauncherRules, 'keepsConsoleLog'> = {},
): ContainerResources | undefined {
  const { autoattachSerialConsole, logSerialConsole } = spec.domain.devices ?? {};
  if (autoattachSerialConsole === false) return undefined;
  if (!(logSerialConsole ?? keepsConsoleLog)) return undefined;
  const { cpu } = spec.domain;
  return cpu?.dedicatedCpuPlacement || isGuaranteed(spec) ? GUARANTEED_LOG : CONSOLE_LOG;
}

/** Bytes that the guest itself is given of the node: requested, limited, or its memory's share. */
export function memoryRequestBytes({ domain }: VmiSpec, overcommitPercent = 100): number {
  const { requests, limits } = domain.resources ?? {};
  const asked = parseBytes(requests?.['memory'] ?? limits?.['memory'] ?? '');
  if (asked) return asked;
  const { guest, hugepages } = domain.memory ?? {};
  const memory = parseBytes(guest ?? hugepages?.pageSize ?? '') ?? 0;
  return Math.floor((memory * 100) / overcommitPercent);
}

/** Bytes beside the guest's memory (GetMemoryOverhead). */
export function launcherOverheadBytes(spec: VmiSpec, rules: LauncherRules): number {
  const { devices = {}, cpu, launchSecurity } = spec.domain;
  const asks = (condition: unknown, mebibytes: number) => (condition ? mebibytes * MIB : 0);
  const askedBytes = rules.tablesOfRequest
    ? (parseBytes(spec.domain.resources?.requests?.['memory'] ?? '') ?? 0)
    : memoryRequestBytes(spec, rules.memoryOvercommitPercent);
  const passt = devices.interfaces?.filter((each) => each.passt && !each.ports?.length) ?? [];
  return (
    // One bit for each 512 bits, of an amount that is rounded up to kilobytes.
    Math.floor((Math.ceil(askedBytes / 1000) * 1000) / 512) +
    rules.launcherProcessesBytes +
    8 * MIB * vcpus(spec) +
    8 * MIB +
    (devices.autoattachGraphicsDevice === false ? 0 : rules.graphicsMemoryBytes) +
    asks(spec.architecture === 'arm64', 128) +
    asks(hasVfio(devices), 1024) +
    asks(
      spec.volumes?.some((volume) => volume.downwardMetrics),
      1,
    ) +
    probeBytes(spec) +
    asks(launchSecurity?.sev ?? launchSecurity?.snp, 256) +
    asks(devices.tpm, 53) +
    800 * MIB * passt.length +
    asks(cpu?.dedicatedCpuPlacement || isGuaranteed(spec), 100)
  );
}

/** Devices of the host that the guest drives itself: all of its memory is locked then. */
function hasVfio({ gpus, hostDevices, interfaces }: Devices): boolean {
  if (gpus?.length || hostDevices?.length) return true;
  return interfaces?.some(({ sriov }) => sriov !== undefined) ?? false;
}

function probeBytes({ livenessProbe, readinessProbe }: VmiSpec): number {
  const probes = [livenessProbe, readinessProbe].filter((probe) => probe?.exec);
  return probes.length === 0 ? 0 : (100 + 10 * probes.length) * MIB;
}

/** vCPUs of the guest; a VM that names none gets as many as it requests, at least one. */
function vcpus({ domain }: VmiSpec): number {
  const { cores = 0, sockets = 0, threads = 0 } = domain.cpu ?? {};
  if (cores || sockets || threads) return (cores || 1) * (sockets || 1) * (threads || 1);
  const { requests, limits } = domain.resources ?? {};
  return Math.max(1, Math.ceil(parseCpu(limits?.['cpu'] ?? requests?.['cpu'] ?? '') ?? 1));
}

/** Cores, sockets and threads in full. */
export function topology(spec: VmiSpec): Required<CpuTopology> {
  const { cores = 0, sockets = 0, threads = 0 } = spec.domain.cpu ?? {};
  if (!cores && !sockets && !threads) return { cores: 1, sockets: vcpus(spec), threads: 1 };
  return { cores: cores || 1, sockets: sockets || 1, threads: threads || 1 };
}

/** VMs whose requests and limits are equal (WantsToHaveQOSGuaranteed). */
function isGuaranteed({ domain }: VmiSpec): boolean {
  const { requests, limits } = domain.resources ?? {};
  const same = (what: string) => limits?.[what] !== undefined && requests?.[what] === limits[what];
  return same('cpu') && same('memory');
}

function millis(cpus: number, ratio: number): string {
  const amount = Math.ceil((cpus * 1000) / ratio);
  return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
}

const KVM = 'devices.kubevirt.io/kvm';
const TUN = 'devices.kubevirt.io/tun';
const VHOST_NET = 'devices.kubevirt.io/vhost-net';

function requiredDevices({ domain }: VmiSpec, emulates: boolean): Readonly<Record<string, string>> {
  const {
    interfaces = [],
    autoattachPodInterface,
    gpus = [],
    hostDevices = [],
  } = domain.devices ?? {};
  const networked = interfaces.length > 0 || autoattachPodInterface !== false;
  const virtio = interfaces.some(({ model }) => model === undefined || model === 'virtio');
  const key = `${networked} ${interfaces.length > 0 ? virtio : networked}`;
  const usual = emulates ? (networked ? { [TUN]: '1' } : {}) : (DEVICE_SETS[key] ?? {});
  const given = [...gpus, ...hostDevices].flatMap(({ deviceName }) => deviceName ?? []);
  if (given.length === 0) return usual;
  const counts = new Map<string, number>();
  for (const name of given) counts.set(name, (counts.get(name) ?? 0) + 1);
  return { ...usual, ...Object.fromEntries([...counts].map(([name, n]) => [name, String(n)])) };
}

/** By whether there is a network, and one that the kernel's virtio driver serves. */
const DEVICE_SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = deepFreeze({
  'true true': { [KVM]: '1', [TUN]: '1', [VHOST_NET]: '1' },
  'true false': { [KVM]: '1', [TUN]: '1' },
  'false false': { [KVM]: '1' },
});

const EPHEMERAL_STORAGE = '50M';

const LOG_LIMITS = { cpu: '15m', memory: '60M' };
const CONSOLE_LOG: ContainerResources = deepFreeze({
  requests: { cpu: '5m', memory: '35M' },
  limits: LOG_LIMITS,
});
const GUARANTEED_LOG: ContainerResources = deepFreeze({
  requests: LOG_LIMITS,
  limits: LOG_LIMITS,
});
