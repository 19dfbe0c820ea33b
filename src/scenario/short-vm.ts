/**
 * The short form of a template: processors, memory and the image of the root disk; the rest is what
 * a RHEL 9 VM of OpenShift's catalogue has. Who needs more gives a manifest.
 */

import type { Storage } from './scenario.ts';
import type { TemplateDocument } from './schema.ts';

/** True where any field of the short form is there. */
export function isShortVm({ cpu, memory, disk }: TemplateDocument): boolean {
  return cpu !== undefined || memory !== undefined || disk !== undefined;
}

/**
 * A VirtualMachine with placeholders whose root disk is a clone of the image: of its snapshot where
 * there is a snapshot class, else of its claim.
 */
export function expandShortVm(
  key: string,
  { cpu = 1, memory, disk }: TemplateDocument,
  storage: Storage,
): Record<string, unknown> {
  const name = `${key}-{{index}}`;
  const root = `${name}-root`;
  const source =
    storage.snapshotClassName === undefined
      ? { pvc: { namespace: '{{imageNamespace}}', name: '{{pvc}}' } }
      : { snapshot: { namespace: '{{imageNamespace}}', name: '{{snapshot}}' } };
  const claim = {
    accessModes: '{{accessModes}}',
    volumeMode: '{{volumeMode}}',
    storageClassName: '{{storageClass}}',
    resources: { requests: { storage: disk?.text ?? '{{size}}' } },
  };
  const domain = {
    cpu: { sockets: cpu, cores: 1, threads: 1 },
    memory: { guest: memory?.text ?? '2Gi' },
    devices: {
      disks: [{ name: 'root', disk: { bus: 'virtio' } }],
      interfaces: [{ name: 'default', model: 'virtio', masquerade: {} }],
      rng: {},
    },
  };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: {
      runStrategy: 'Halted',
      dataVolumeTemplates: [
        {
          apiVersion: 'cdi.kubevirt.io/v1beta1',
          kind: 'DataVolume',
          metadata: { name: root },
          spec: { source, pvc: claim },
        },
      ],
      template: {
        spec: {
          domain,
          networks: [{ name: 'default', pod: {} }],
          volumes: [{ name: 'root', dataVolume: { name: root } }],
        },
      },
    },
  };
}
