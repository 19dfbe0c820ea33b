/**
 * What the steps before have left behind, as far as it decides how long the next ones take: the
 * VMs with what their manifests say, which of them run, and the snapshots on cloned images.
 */

import type { VirtualMachine } from '../../api/compute.ts';
import type { KubeObject } from '../../api/object.ts';
import type { DataVolume, DataVolumeSpec } from '../../api/storage.ts';
import { parseBytes } from '../../core/bytes.ts';
import type { Scenario, SimulatedImage } from '../../scenario/scenario.ts';
import type { PlannedOperation, WaveStep } from '../plan.ts';
import { createMachines, type Machines, switchesOn } from './machines.ts';
import { createFlattening, type Flattening } from './flattening.ts';
import type { Booting, Filling, Model } from './model.ts';

export interface VmFacts extends Booting {
  readonly fillings: readonly Filling[];
  /** 0 where an instance type says it. */
  readonly memoryBytes: number;
  /** Who evicts its launcher moves it. */
  readonly isMovedAway: boolean;
}

export interface Inventory {
  readonly machines: Machines;
  /** Of a VM that an operation before it has made. */
  vm(name: string): VmFacts | undefined;
  runs(name: string): boolean;
  /** Of a VM that is about to be made. */
  vmToBe(step: WaveStep, operation: PlannedOperation): VmFacts | undefined;
  /** Of a DataVolume that is about to be made. */
  filling(step: WaveStep, operation: PlannedOperation): Filling | undefined;
  /** Nothing is done for so long. */
  pass(us: number): void;
  /** A wave takes so long by itself: how long with what came before, which then has been done. */
  wave(step: WaveStep, operations: readonly PlannedOperation[], us: number): number;
}

export function createInventory(scenario: Scenario, model: Model): Inventory {
  const contents = new Map(scenario.simulation.images.map((image) => [image.key, image]));
  const flattenings = new Map(
    scenario.images.map(({ key, size }) => {
      const dataBytes = contents.get(key)?.dataBytes ?? size.bytes;
      return [key, createFlattening({ sizeBytes: size.bytes, dataBytes }, model)] as const;
    }),
  );
  const vms = new Map<string, VmFacts>();
  const machines = createMachines(model.parameters);
  const running = new Set<string>();
  const known = new Map<WaveStep, Map<number, VmFacts>>();
  const contentOf = ({ variants }: WaveStep, { variant }: PlannedOperation) =>
    contents.get(variants[variant]?.image ?? '');
  const vmToBe = (step: WaveStep, operation: PlannedOperation): VmFacts | undefined => {
    const ofStep = known.get(step) ?? new Map<number, VmFacts>();
    known.set(step, ofStep);
    const object = ofStep.has(operation.variant) ? undefined : operation.manifest?.();
    const facts = object && vmFacts(object as VirtualMachine, contentOf(step, operation));
    if (facts) ofStep.set(operation.variant, facts);
    return ofStep.get(operation.variant);
  };
  const pass = (us: number, except?: Flattening) => {
    for (const each of flattenings.values()) if (each !== except) each.pass(us);
  };
  return {
    machines,
    vm: (name) => vms.get(name),
    runs: (name) => running.has(name),
    vmToBe,
    filling(step, operation) {
      const object = operation.manifest?.() as DataVolume | undefined;
      return fillingOf(object?.spec, contentOf(step, operation));
    },
    pass: (us) => pass(us),
    wave(step, operations, us) {
      for (const operation of operations) {
        const { name, verb, kind } = operation;
        if (verb === 'start') running.add(name);
        if (verb === 'stop' || verb === 'delete') {
          running.delete(name);
          machines.stop(name);
        }
        const made = verb === 'create' && kind === 'VirtualMachine';
        const facts = made ? vmToBe(step, operation) : undefined;
        if (facts) vms.set(name, facts);
      }
      follow(machines, operations);
      machines.start(operations.flatMap(({ verb, name }) => (verb === 'start' ? [name] : [])));
      const cloned = clonesOfClaim(step, operations);
      const flattening = flattenings.get(cloned.image ?? '');
      const takesUs = flattening?.clone(cloned.count, us) ?? us;
      pass(takesUs, flattening);
      return takesUs;
    },
  };
}

/** What becomes of the nodes, and of who runs on them. */
function follow(machines: Machines, operations: readonly PlannedOperation[]): void {
  const names = operations.map(({ name }) => name);
  const [first] = operations;
  if (first === undefined) return;
  const isOn = switchesOn(first);
  if (isOn !== undefined) machines.switch(names, isOn);
  const leaves = first.kind === 'VirtualMachineInstance' && first.action?.do === 'watch';
  const outage = machines.outage();
  const isLeft = leaves && outage?.fencedUs !== undefined && !outage.isBack;
  if (isLeft || first.action?.do === 'evict') machines.leave(names);
}

/** Clones of a claim leave a snapshot behind, those of a snapshot nothing. */
function clonesOfClaim({ kind, variants }: WaveStep, operations: readonly PlannedOperation[]) {
  const own = kind !== 'clone' && kind !== 'deploy' ? [] : operations;
  const clones = own.filter(
    ({ verb, variant }) => verb === 'create' && variants[variant]?.source === 'pvc',
  );
  return { image: variants[clones[0]?.variant ?? -1]?.image, count: clones.length };
}

function vmFacts({ spec }: VirtualMachine, image: SimulatedImage | undefined): VmFacts | undefined {
  const { domain, volumes = [] } = spec.template.spec;
  const disks = spec.dataVolumeTemplates ?? [];
  const fillings = disks.map((disk) => fillingOf(disk.spec, undefined));
  if (fillings.some((filling) => filling === undefined)) return undefined;
  const memory = domain.memory?.guest ?? domain.resources?.requests?.['memory'];
  return {
    fillings: fillings.flatMap((filling) => filling ?? []),
    volumes: volumes.filter((volume) => volume.dataVolume ?? volume.persistentVolumeClaim).length,
    hasTpm: domain.devices?.tpm !== undefined,
    guest: image?.guest,
    memoryBytes: parseBytes(memory ?? '') ?? 0,
    isMovedAway: spec.template.spec.evictionStrategy === 'LiveMigrate',
  };
}

/** Undefined where it is not known what is copied, or how much. */
function fillingOf(
  spec: DataVolumeSpec | undefined,
  image: SimulatedImage | undefined,
): Filling | undefined {
  const source = spec?.source ?? {};
  if (source.pvc) return { source: 'pvc' };
  if (source.snapshot) return { source: 'snapshot' };
  if (source.blank) return { source: 'blank' };
  if ((source.http ?? source.registry) && image) {
    return { source: 'image', dataBytes: image.dataBytes };
  }
  return undefined;
}

/** The VM that a migration moves. */
export function movedVm(object: KubeObject | undefined): string | undefined {
  const { spec } = (object ?? {}) as { readonly spec?: { readonly vmiName?: string } };
  return spec?.vmiName;
}

/** The VM that a snapshot of a whole VM is of, or that a restore brings back. */
export function copiedVm(
  object: KubeObject | undefined,
  as: 'source' | 'target',
): string | undefined {
  const { spec } = (object ?? {}) as {
    readonly spec?: Partial<Record<typeof as, { readonly name?: string }>>;
  };
  return spec?.[as]?.name;
}
