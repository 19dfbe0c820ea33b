/** Schemas of the devices of a VM (KubeVirt v1.1.1). */

import { opaque, bool, empty, int, list, object, str } from './schema.ts';

const TARGET = object(
  'How the disk is attached.',
  {
    bus: str('virtio, sata, scsi or usb.'),
    readonly: bool('Whether the disk may only be read.'),
    pciAddress: str('PCI address.'),
    tray: str('Whether the tray is open.'),
    reservation: bool('Whether SCSI reservations are passed on.'),
  },
  { open: true },
);

const DISK = object(
  'A disk of the machine.',
  {
    name: str('Name of the volume behind the disk.'),
    disk: TARGET,
    cdrom: TARGET,
    lun: TARGET,
    bootOrder: int('Place in the boot order, from 1.'),
    serial: str('Serial number.'),
    cache: str('none, writethrough or writeback.'),
    io: str('native or threads.'),
    errorPolicy: str('What an I/O error does.'),
    dedicatedIOThread: bool('Whether the disk has an I/O thread of its own.'),
    shareable: bool('Whether several machines may write to it.'),
    tag: str('Tag that the guest sees.'),
    blockSize: opaque('Sizes of blocks.'),
  },
  { required: ['name'] },
);

const INTERFACE = object(
  'A network interface of the machine.',
  {
    name: str('Name of the network behind the interface.'),
    model: str('Model of the card.'),
    masquerade: empty('Behind the address of the pod.'),
    bridge: empty('Bridged to the pod.'),
    sriov: empty('A virtual function of the host.'),
    slirp: empty('User mode network.'),
    macvtap: empty('A macvtap device.'),
    passt: empty('A passt network.'),
    binding: opaque('A binding plugin.'),
    macAddress: str('Hardware address.'),
    bootOrder: int('Place in the boot order.'),
    ports: list('Ports that are forwarded.', opaque('A port.')),
    pciAddress: str('PCI address.'),
    acpiIndex: int('ACPI index.'),
    dhcpOptions: opaque('DHCP options.'),
    state: str('Wanted state.'),
    tag: str('Tag that the guest sees.'),
  },
  { required: ['name'] },
);

export const DEVICES = object('Devices of the machine.', {
  disks: list('Disks.', DISK),
  interfaces: list('Network interfaces.', INTERFACE),
  inputs: list('Input devices.', opaque('An input device.')),
  tpm: object('A trusted platform module.', {
    persistent: bool('Whether its state outlives the machine.'),
    enabled: bool('Whether it is on.'),
  }),
  rng: empty('A random number generator.'),
  watchdog: opaque('A watchdog.'),
  sound: opaque('A sound card.'),
  gpus: list('GPUs.', opaque('A GPU.')),
  hostDevices: list('Devices of the host.', opaque('A device.')),
  filesystems: list('File systems.', opaque('A file system.')),
  downwardMetrics: empty('Metrics of the host.'),
  clientPassthrough: empty('USB redirection.'),
  autoattachPodInterface: bool('Whether the pod network is attached by itself.'),
  autoattachGraphicsDevice: bool('Whether there is a graphics device.'),
  autoattachSerialConsole: bool('Whether there is a serial console.'),
  autoattachMemBalloon: bool('Whether there is a memory balloon.'),
  autoattachInputDevice: bool('Whether there is an input device.'),
  autoattachVSOCK: bool('Whether there is a VSOCK.'),
  blockMultiQueue: bool('Whether disks have several queues.'),
  networkInterfaceMultiqueue: bool('Whether interfaces have several queues.'),
  disableHotplug: bool('Whether disks cannot be hot-plugged.'),
  logSerialConsole: bool('Whether the serial console is logged.'),
  useVirtioTransitional: bool('Whether old virtio is supported.'),
});
