/** Schemas of virtual machines and their VMIs (KubeVirt v1.1.1). */

import { RESOURCES } from './claims.ts';
import { DEVICES } from './devices.ts';
import { CONDITIONS, kindSchema } from './metadata.ts';
import {
  opaque,
  bool,
  int,
  list,
  mapSchema,
  object,
  type ObjectSchema,
  quantity,
  type Schema,
  str,
} from './schema.ts';
import { DATA_VOLUME_SPEC } from './storage-custom.ts';

const FEATURE = object(
  'A feature that is on or off.',
  { enabled: bool('Whether it is on.') },
  {
    open: true,
  },
);

const DOMAIN = object(
  'The virtual hardware.',
  {
    cpu: object('The processors.', {
      cores: int('Cores of a socket.'),
      sockets: int('Sockets.'),
      threads: int('Threads of a core.'),
      maxSockets: int('Most sockets by hot-plug.'),
      model: str('CPU model.'),
      dedicatedCpuPlacement: bool('Whether CPUs are pinned.'),
      isolateEmulatorThread: bool('Whether the emulator has a CPU of its own.'),
      features: list('CPU features.', opaque('A feature.')),
      numa: opaque('NUMA topology.'),
      realtime: opaque('Real-time settings.'),
    }),
    memory: object('The memory.', {
      guest: quantity('What the guest sees.'),
      maxGuest: quantity('Most by hot-plug.'),
      hugepages: object('Huge pages.', { pageSize: str('Size of a page.') }),
    }),
    resources: { ...RESOURCES, open: true } as ObjectSchema,
    devices: DEVICES,
    firmware: object('The firmware.', {
      bootloader: object('How the guest boots.', {
        bios: opaque('By BIOS.'),
        efi: object('By EFI.', {
          secureBoot: bool('Whether the boot is secured.'),
          persistent: bool('Whether variables outlive the VM.'),
        }),
      }),
      kernelBoot: opaque('Kernel outside the disk.'),
      uuid: str('UUID of the BIOS.'),
      serial: str('Serial number of the system.'),
      acpi: opaque('ACPI tables.'),
    }),
    machine: object('Type of machine.', { type: str('As in q35.') }),
    features: object(
      'Features of the hypervisor.',
      {
        acpi: FEATURE,
        apic: FEATURE,
        smm: FEATURE,
        kvm: opaque('KVM features.'),
        hyperv: opaque('Hyper-V features.'),
        pvspinlock: FEATURE,
      },
      { open: true },
    ),
    clock: opaque('Clock and timers.'),
    chassis: opaque('Chassis.'),
    ioThreadsPolicy: str('shared or auto.'),
    ioThreads: opaque('I/O threads.'),
    launchSecurity: opaque('Confidential computing.'),
  },
  { required: ['devices'] },
);

const VOLUME = object(
  'A volume that a disk can show.',
  {
    name: str('Name of the volume.'),
    dataVolume: object('A data volume.', {
      name: str('Name of the data volume.'),
      hotpluggable: bool('Whether it can be unplugged.'),
    }),
    persistentVolumeClaim: object('A claim.', {
      claimName: str('Name of the claim.'),
      readOnly: bool('Whether it may only be read.'),
      hotpluggable: bool('Whether it can be unplugged.'),
    }),
    containerDisk: object(
      'A disk inside a container image.',
      { image: str('The image.'), path: str('Path within it.'), imagePullPolicy: str('When.') },
      { open: true },
    ),
    cloudInitNoCloud: opaque('Cloud-init data as NoCloud.'),
    cloudInitConfigDrive: opaque('Cloud-init data as config drive.'),
    sysprep: opaque('An answer file for Windows.'),
    configMap: opaque('A config map.'),
    secret: opaque('A secret.'),
    serviceAccount: opaque('A service account.'),
    downwardAPI: opaque('Fields of the pod.'),
    downwardMetrics: opaque('Metrics of the host.'),
    emptyDisk: object('A disk that lives as long as the VM.', {
      capacity: quantity('Its size.'),
    }),
    ephemeral: opaque('A claim that is not written to.'),
    hostDisk: opaque('A disk of the node.'),
    memoryDump: opaque('A memory dump.'),
  },
  { required: ['name'] },
);

const NETWORK = object(
  'A network that an interface can join.',
  {
    name: str('Name of the network.'),
    pod: opaque('The pod network.'),
    multus: opaque('By multus.'),
  },
  { required: ['name'] },
);

const VMI_FIELDS: Readonly<Record<string, Schema>> = {
  domain: DOMAIN,
  volumes: list('Volumes of the VM.', VOLUME),
  networks: list('Networks of the VM.', NETWORK),
  nodeSelector: mapSchema('Labels that the node must have.', str('A value.')),
  affinity: opaque('Which nodes and neighbours are wanted.'),
  tolerations: list('Taints that are tolerated.', opaque('A toleration.')),
  topologySpreadConstraints: list('How VMs are spread.', opaque('A constraint.')),
  evictionStrategy: str('What an eviction does.'),
  terminationGracePeriodSeconds: int('Seconds for the guest to shut down.'),
  startStrategy: str('Paused, to start paused.'),
  hostname: str('Host name of the guest.'),
  subdomain: str('Domain of the guest.'),
  architecture: str('Architecture of the guest.'),
  priorityClassName: str('Priority of the VM.'),
  schedulerName: str('Scheduler that binds the VM.'),
  accessCredentials: list('Keys for the guest.', opaque('A credential.')),
  livenessProbe: opaque('Whether the guest lives.'),
  readinessProbe: opaque('Whether the guest is ready.'),
  dnsConfig: opaque('DNS settings.'),
  dnsPolicy: str('DNS policy.'),
};

const VMI_SPEC = object('What VMI is to run.', VMI_FIELDS, { required: ['domain'] });

/** Of an object to come: the webhooks of KubeVirt refuse labels that are no texts. */
const TEMPLATE_META = object(
  'Metadata of the object that is made.',
  {
    name: str('Name of the object.'),
    labels: mapSchema('Labels of the object.', str('A value.')),
    annotations: mapSchema('Annotations of the object.', str('A value.')),
  },
  { open: true },
);

const DATA_VOLUME_TEMPLATE = object(
  'A data volume that is made with the VM and lives as long.',
  {
    apiVersion: str('API version of the data volume.'),
    kind: str('DataVolume.'),
    metadata: TEMPLATE_META,
    spec: DATA_VOLUME_SPEC,
    status: opaque('Ignored.'),
  },
  { required: ['spec'] },
);

export const VM = kindSchema(
  'A virtual machine, running or not.',
  {
    spec: object(
      'The VM and whether it runs.',
      {
        running: bool('Whether a VMI runs. Excludes runStrategy.'),
        runStrategy: str('When a VMI runs. Excludes running.', [
          'Always',
          'Halted',
          'Manual',
          'RerunOnFailure',
          'Once',
        ]),
        dataVolumeTemplates: list('Data volumes of the VM.', DATA_VOLUME_TEMPLATE),
        template: object('The VMI that is made.', {
          metadata: TEMPLATE_META,
          spec: VMI_SPEC,
        }),
        instancetype: opaque('Instance type that fills the template.'),
        preference: opaque('Preferences that fill the template.'),
        liveUpdateFeatures: opaque('What may change while the VM runs.'),
      },
      { required: ['template'] },
    ),
    status: object(
      'State of the VM.',
      {
        created: bool('Whether a VMI exists.'),
        ready: bool('Whether the VMI is ready.'),
        printableStatus: str('State for people.'),
        conditions: CONDITIONS,
      },
      { open: true },
    ),
  },
  { required: ['spec'] },
);

export const VMI = kindSchema(
  'A running virtual machine.',
  {
    spec: VMI_SPEC,
    status: object(
      'State of the VMI.',
      {
        phase: str('Where the start stands.'),
        nodeName: str('Node on which it runs.'),
        conditions: CONDITIONS,
        phaseTransitionTimestamps: list('When each phase was reached.', opaque('A phase.')),
        interfaces: list('Interfaces as the guest has them.', opaque('An interface.')),
        guestOSInfo: opaque('What the guest agent says.'),
        activePods: mapSchema('Pods of the VMI and their nodes.', str('A node.')),
        volumeStatus: list('State of each volume.', opaque('A volume.')),
      },
      { open: true },
    ),
  },
  { required: ['spec'] },
);
