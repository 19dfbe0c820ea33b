/** Lists of operations on like objects: the clones of an arm, the VMs of a template. */

import { cloneName } from '../scenario/clone-name.ts';
import type { CloneArm, Image, VmStep, VmTarget } from '../scenario/scenario.ts';
import type { Template } from '../scenario/template.ts';
import { cloneManifests, imageSnapshot, imageVolume } from './manifests.ts';
import type { Planning } from './planning.ts';
import type { Draft } from './wave-plan.ts';

/** Operations that all belong to the step's variant of this number. */
export type Lane = readonly Draft[];

export function importDraft(image: Image, { run }: Planning): Draft {
  return {
    ...draftCreate('DataVolume', image.namespace ?? run.namespace, image.name),
    storageBytes: image.size.bytes,
    manifest: () => imageVolume(image, run),
  };
}

export function snapshotDraft(image: Image, { run }: Planning): Draft {
  return {
    ...draftCreate('VolumeSnapshot', image.namespace ?? run.namespace, image.snapshotName),
    manifest: () => imageSnapshot(image, run),
  };
}

export function cloneLane(arm: CloneArm, variant: number, { run, image }: Planning): Lane {
  const parent = image(arm.image);
  const manifest = cloneManifests(parent, arm, run);
  return listNumbers(arm).map((index) => ({
    ...draftCreate('DataVolume', run.namespace, cloneName(arm.image, arm.source, index)),
    storageBytes: parent.size.bytes,
    variant,
    manifest: () => manifest(index),
  }));
}

export function uncloneLane(arm: CloneArm, variant: number, { run }: Planning): Lane {
  return listNumbers(arm).map((index) => ({
    verb: 'delete',
    kind: 'DataVolume',
    namespace: run.namespace,
    name: cloneName(arm.image, arm.source, index),
    variant,
    disks: 0,
  }));
}

export function deployLane(target: VmTarget, variant: number, planning: Planning): Lane {
  const { template, manifests } = planning.template(target.template);
  const storageBytes = template.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
  return target.indices.map((index) => ({
    ...draftCreate('VirtualMachine', planning.run.namespace, manifests.name(index)),
    variant,
    disks: template.disks.length,
    storageBytes,
    manifest: () => manifests.manifest(index),
  }));
}

/** Starts, stops or deletions of VMs. */
export function changeLane(
  kind: 'boot' | 'stop' | 'delete',
  via: VmStep['via'],
  target: VmTarget,
  variant: number,
  planning: Planning,
): Lane {
  const { template, manifests } = planning.template(target.template);
  const verb = kind === 'boot' ? 'start' : kind;
  const how = verb === 'delete' ? {} : { via, ...(via === 'patch' && makePatch(verb, template)) };
  return target.indices.map((index) => ({
    verb,
    ...how,
    kind: 'VirtualMachine',
    namespace: planning.run.namespace,
    name: manifests.name(index),
    variant,
    disks: 0,
  }));
}

function makePatch(verb: 'start' | 'stop', template: Template): { readonly patch: unknown } {
  const start = verb === 'start';
  if (template.runField === 'running') return { patch: { spec: { running: start } } };
  return { patch: { spec: { runStrategy: start ? 'Always' : 'Halted' } } };
}

function draftCreate(kind: Draft['kind'], namespace: string, name: string): Draft {
  return { verb: 'create', kind, namespace, name, variant: 0, disks: 0 };
}

function listNumbers(arm: CloneArm): readonly number[] {
  return Array.from({ length: arm.count }, (_, i) => arm.first + i);
}
