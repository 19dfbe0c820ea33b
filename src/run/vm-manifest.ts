/** A VM of a cluster as a template: what makes it that very VM becomes a placeholder or goes. */

import type { Matcher, VirtualMachine } from '../api/compute.ts';

export interface VmTemplate {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** The claim that the root disk is on; clones are made of it. */
  readonly claim: string;
  /** Volumes that a clone cannot have: they are somebody's. */
  readonly dropped: readonly string[];
}

interface Volume {
  readonly name: string;
  readonly dataVolume?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly [kind: string]: unknown;
}

/** Volumes that hold nothing of their own, or nothing that two VMs could not share. */
const SHARED = new Set(['containerDisk', 'cloudInitNoCloud', 'cloudInitConfigDrive', 'emptyDisk']);

/**
 * The manifest with placeholders; undefined where the VM has no disk on a claim. `key` becomes the
 * beginning of all names. Cloud-init stays only where it is no reference and no secret: user data
 * goes, since it may hold passwords.
 */
export function templateFromVm(vm: VirtualMachine, key: string): VmTemplate | undefined {
  const { template } = vm.spec;
  const volumes = (template.spec.volumes ?? []) as readonly Volume[];
  const first = volumes.find((volume) => claimName(volume) !== undefined);
  const claim = first && claimName(first);
  if (first === undefined || claim === undefined) return undefined;
  const root = `${key}-{{index}}-root`;
  const kept = volumes.flatMap((volume) => {
    if (volume === first) return [{ name: volume.name, dataVolume: { name: root } }];
    const [kind = ''] = Object.keys(volume).filter((field) => field !== 'name');
    return SHARED.has(kind) && !kind.startsWith('cloudInit') ? [volume] : [];
  });
  const names = new Set(kept.map(({ name }) => name));
  const { domain, networks } = template.spec;
  const devices = domain.devices ?? {};
  const interfaces = (devices.interfaces as readonly Record<string, unknown>[] | undefined)?.map(
    ({ macAddress: _mac, ...rest }) => rest,
  );
  const disks = (devices as { disks?: readonly { name: string }[] }).disks?.filter(({ name }) =>
    names.has(name),
  );
  const { firmware, ...machine } = domain;
  const { uuid: _uuid, serial: _serial, ...boot } = (firmware ?? {}) as Record<string, unknown>;
  const { nodeSelector, tolerations, evictionStrategy, terminationGracePeriodSeconds } =
    template.spec;
  const spec = {
    domain: {
      ...machine,
      ...(Object.keys(boot).length > 0 && { firmware: boot }),
      devices: { ...devices, ...(interfaces && { interfaces }), ...(disks && { disks }) },
    },
    ...defined({
      networks,
      nodeSelector,
      tolerations,
      evictionStrategy,
      terminationGracePeriodSeconds,
    }),
    volumes: kept,
  };
  return {
    claim,
    dropped: volumes.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    manifest: {
      apiVersion: vm.apiVersion,
      kind: 'VirtualMachine',
      metadata: { name: `${key}-{{index}}` },
      spec: {
        runStrategy: 'Halted',
        ...defined({
          instancetype: withoutRevision(vm.spec.instancetype),
          preference: withoutRevision(vm.spec.preference),
        }),
        dataVolumeTemplates: [rootDisk(root)],
        template: { spec },
      },
    },
  };
}

function claimName({ dataVolume, persistentVolumeClaim }: Volume): string | undefined {
  return dataVolume?.name ?? persistentVolumeClaim?.claimName;
}

function rootDisk(name: string): Record<string, unknown> {
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name },
    spec: {
      source: { pvc: { namespace: '{{imageNamespace}}', name: '{{pvc}}' } },
      pvc: {
        accessModes: '{{accessModes}}',
        volumeMode: '{{volumeMode}}',
        storageClassName: '{{storageClass}}',
        resources: { requests: { storage: '{{size}}' } },
      },
    },
  };
}

/** The revision is that VM's own, and goes with it. */
function withoutRevision(matcher: Matcher | undefined): Matcher | undefined {
  if (matcher === undefined) return undefined;
  const { revisionName: _, ...rest } = matcher;
  return rest;
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
