/** Constants of nodes, kubelet, KubeVirt and guests: what decides how long a boot takes. */

import { bytes, calibrated, duration, known, number } from './definition.ts';

export const nodes = {
  count: number(108, 'workers', known('the article')),
  cpus: number(112, 'threads', known('the article: 2 x 28 cores x 2 threads')),
  memory: bytes('512Gi', known('the article')),
  reservedMemory: bytes('14Gi', calibrated('kubelet, system and OSD')),
  maxPods: number(400, 'pods', known("the test author's kubelet configuration")),
  devices: number(
    1000,
    'devices of a kind',
    known('kubevirt v1.1.1 virt-config.go: virtualMachineInstancesPerNode 1000'),
  ),
  ephemeralStorage: bytes('400Gi', calibrated('local disk of a worker, as pods may use it')),
};

export const virtApi = {
  nodesPerReplica: number(
    10,
    'nodes',
    known('kubevirt v1.1.1 apply/apps.go: replicas max(2, n/10)'),
  ),
  qps: number(5, '1/s per pod', known('kubevirt v1.1.1 virt-config.go')),
  burst: number(10, 'requests', known('kubevirt v1.1.1 virt-config.go')),
  webhookTime: duration('0ms', calibrated('one webhook call; part of api.roundTrip where it is 0')),
};

export const virtController = {
  qps: number(200, '1/s', known('kubevirt v1.1.1 virt-config.go')),
  burst: number(400, 'requests', known('kubevirt v1.1.1 virt-config.go')),
  machineWorkers: number(3, 'threads', known('kubevirt v1.1.1 application.go')),
  instanceWorkers: number(10, 'threads', known('kubevirt v1.1.1 application.go')),
  heartbeat: duration('1m', known('kubevirt v1.1.1 virt-handler heartbeat.go')),
  heartbeatTimeout: duration('5m', known('kubevirt v1.1.1 virt-controller/watch/node.go')),
  nodeRecheck: duration('1m', known('kubevirt v1.1.1 virt-controller/watch/node.go')),
  cpuAllocationRatio: number(10, 'vCPU per CPU', known('kubevirt default cpuAllocationRatio')),
  launcherProcesses: bytes('210Mi', {
    ...known(
      'kubevirt v1.1.1 renderresources.go: monitor 25, launcher 100, logd 20, qemud 35, QEMU 30',
    ),
    elsewhere: {
      'upstream-2026-08': bytes('240Mi', known('kubevirt d923fdb8 kvm/hypervisorbackend.go')),
    },
  }),
  graphicsMemory: bytes('16Mi', {
    ...known('kubevirt v1.1.1 renderresources.go: video memory'),
    elsewhere: {
      'upstream-2026-08': bytes('32Mi', known('kubevirt d923fdb8 kvm/hypervisorbackend.go')),
    },
  }),
};

export const kubelet = {
  statusInterval: duration('10s', known('kubelet nodeStatusUpdateFrequency; gates volumesInUse')),
  verifyBackoffStart: duration(
    '500ms',
    known('kubernetes: VerifyControllerAttachedVolume back-off'),
  ),
  verifyBackoffMax: duration(
    '122s',
    known('kubernetes: goroutinemap exponential back-off maximum'),
  ),
  reconcilerLoop: duration(
    '100ms',
    known('kubernetes pkg/kubelet/volumemanager: reconcilerLoopSleepPeriod'),
  ),
  inUseDelay: duration('100ms', calibrated('volume marked in use before the status is sent')),
  mapTime: duration('700ms', calibrated('NodeStage: krbd map of an RWX block volume')),
  sandboxTime: duration('2s', calibrated('pod sandbox with multus and OVN')),
  launcherTime: duration('2200ms', calibrated('virt-launcher and virtqemud start')),
  stopTime: duration('1s', calibrated('unmap and sandbox removal')),
  variation: number(0.2, 'coefficient of variation', calibrated('gamma service times on a node')),
};

export const virtHandler = {
  qps: number(5, '1/s per node', known('kubevirt v1.1.1 virt-config.go')),
  burst: number(10, 'requests', known('kubevirt v1.1.1 virt-config.go')),
  syncTime: duration('500ms', calibrated('handler sees the launcher and syncs the domain')),
  qemuTime: duration('1200ms', calibrated('define and start of the domain')),
  tpmTime: duration('1200ms', calibrated('swtpm set-up where the domain has a TPM')),
  shutdownTime: duration('4s', calibrated('ACPI shutdown of an idle guest')),
  hotplugTime: duration('300ms', calibrated('mount of a volume into the launcher; its plugging')),
};

/** Live migration: who waits for whom, and how the memory of a guest gets across. */
export const migration = {
  parallelPerCluster: number(5, 'migrations', known('kubevirt v1.1.1 virt-config.go')),
  parallelOutboundPerNode: number(2, 'migrations', known('kubevirt v1.1.1 virt-config.go')),
  recheck: duration('5s', known('kubevirt v1.1.1 migration.go handleTargetPodCreation')),
  completionPerGiB: duration('150s', known('kubevirt d923fdb8 virt-config.go')),
  downtimeLimit: duration('300ms', known('QEMU migration/options.c: downtime-limit')),
  setupTime: duration('500ms', calibrated('connections and the first pass over the pages')),
  bandwidth: number(1e9, 'bytes/s', calibrated('one TLS stream between two nodes')),
  residentShare: number(0.5, 'of the memory', calibrated('pages of an idle guest not zero')),
  dirtyRate: number(50e6, 'bytes/s', calibrated('pages that an idle guest writes again')),
};

/** The virtual disk as one VM sees it while the pool is far from its limits. */
export const guestDisk = {
  bandwidth: number(400e6, 'bytes/s', calibrated('per-VM bandwidth in a wave of 100')),
  writeCost: number(3, 'reads', calibrated('a first write copies up: costs three reads')),
};
