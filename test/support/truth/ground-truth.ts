/**
 * What really happened: each commit of the simulated API server, at the moment it was made. Reads
 * objects by itself, so that a mistake in the observer's reading is not repeated here.
 */

import type { VirtualMachineInstance } from '../../../src/api/compute.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import type { DataVolume, VolumeSnapshot } from '../../../src/api/storage.ts';
import type { Milestone } from '../../../src/catalogue/milestones.ts';
import type { Simulator } from '../../../src/sim/simulator.ts';

export interface TrueObject {
  readonly kind: string;
  readonly name: string;
  readonly createdUs: number;
  /** When each milestone's mark was committed for the first time. */
  readonly marks: Map<Milestone, number>;
  /** Stamps as the naive estimator reads them, Unix seconds. */
  readonly createdSeconds: number;
  readonly markSeconds: Map<Milestone, number>;
  deletedUs: number | undefined;
}

export interface GroundTruth {
  /** By UID. */
  readonly objects: ReadonlyMap<string, TrueObject>;
  /** Of this kind and name, in order of creation. */
  named(kind: string, name: string): readonly TrueObject[];
}

/** Listens from now on; times are those of the simulator's kernel. */
export function recordTruth({ kernel, server }: Simulator): GroundTruth {
  const truth = createTruth();
  server.onCommit(({ event: { type, object } }) => truth.see(object, type, kernel.nowUs()));
  return truth;
}

/** Truth that is made of what is seen, whoever sees it. */
export function createTruth(): GroundTruth & {
  see(object: KubeObject, type: string, nowUs: number): void;
} {
  const objects = new Map<string, TrueObject>();
  const names = new Map<string, TrueObject[]>();
  const see = (object: KubeObject, type: string, nowUs: number) => {
    if (!KINDS.has(object.kind)) return;
    const uid = object.metadata.uid ?? '';
    let known = objects.get(uid);
    if (known === undefined) {
      known = newObject(object, nowUs);
      objects.set(uid, known);
      const key = `${object.kind}/${object.metadata.name}`;
      names.set(key, [...(names.get(key) ?? []), known]);
    }
    if (type === 'DELETED') known.deletedUs ??= nowUs;
    for (const [milestone, stamp] of marksOf(object)) {
      if (known.marks.has(milestone)) continue;
      known.marks.set(milestone, nowUs);
      if (stamp !== undefined) known.markSeconds.set(milestone, toSeconds(stamp));
    }
  };
  return { objects, named: (kind, name) => names.get(`${kind}/${name}`) ?? [], see };
}

const KINDS = new Set(['VirtualMachine', 'DataVolume', 'VolumeSnapshot', 'VirtualMachineInstance']);

function newObject({ kind, metadata }: KubeObject, createdUs: number): TrueObject {
  return {
    kind,
    name: metadata.name,
    createdUs,
    marks: new Map(),
    createdSeconds: toSeconds(metadata.creationTimestamp ?? ''),
    markSeconds: new Map(),
    deletedUs: undefined,
  };
}

/** The milestones that the object bears now, with the stamps of their conditions. */
function marksOf(object: KubeObject): [Milestone, string | undefined][] {
  switch (object.kind) {
    case 'DataVolume': {
      const { status } = object as DataVolume;
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return status?.phase === 'Succeeded'
        ? [['dataVolumeSucceeded', ready?.lastTransitionTime ?? undefined]]
        : [];
    }
    case 'VolumeSnapshot':
      return (object as VolumeSnapshot).status?.readyToUse === true
        ? [['snapshotReady', undefined]]
        : [];
    case 'VirtualMachineInstance':
      return vmiMarks(object as VirtualMachineInstance);
    default:
      return [];
  }
}

function vmiMarks({ status }: VirtualMachineInstance): [Milestone, string | undefined][] {
  const running = status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Running');
  const agent = status?.conditions?.find(({ type }) => type === 'AgentConnected');
  return [
    ...(status?.phase === 'Running'
      ? [['instanceRunning', running?.phaseTransitionTimestamp] as [Milestone, string]]
      : []),
    ...(agent?.status === 'True'
      ? [['guestReady', agent.lastTransitionTime ?? undefined] as [Milestone, string]]
      : []),
  ];
}

function toSeconds(stamp: string): number {
  return Math.floor(Date.parse(stamp) / 1000);
}
