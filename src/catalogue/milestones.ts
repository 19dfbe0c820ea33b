/**
 * The milestones: each once, as data. To add one, add it here; observation, analysis and scenario
 * files follow. A milestone is reached once all objects of an operation that it is about show its
 * mark, a value that the history records as a change.
 */

/** A value that an object of the kind shows. */
export interface Mark {
  readonly kind: string;
  readonly change: string;
  readonly value: string;
}

export interface MilestoneFacts {
  /** Which objects of an operation have to get there: all of these. */
  readonly of: 'own' | 'volumes' | 'claims' | 'vmi';
  /**
   * What the first sight of reaches it; `deletion`: that the object is gone; `stages`: the last of
   * what the step itself says that it waits for.
   */
  readonly reached: Mark | 'deletion' | 'stages' | 'never';
  /** What the cluster stamps with a time of its own at that moment; undefined where nothing. */
  readonly stamped: Pick<Mark, 'change' | 'value'> | undefined;
  /** What `until` of a scenario file calls it; undefined where no step can wait for it. */
  readonly word: string | undefined;
  /** It is what an object of the mark's kind is for, also where somebody else created it. */
  readonly isPurpose: boolean;
}

const SUCCEEDED: Mark = { kind: 'DataVolume', change: 'phase', value: 'Succeeded' };

/** Phases of a DataVolume carry no stamp; its condition Ready follows in the same update. */
const READY = { change: 'Ready', value: 'True' } as const;

const RUNNING: Mark = { kind: 'VirtualMachineInstance', change: 'phase', value: 'Running' };

const ADDRESSED: Mark = { kind: 'VirtualMachineInstance', change: 'addressed', value: 'True' };

/** No object says it: a probe found it out (observe/prober.ts). */
const ANSWERS: Mark = { kind: 'VirtualMachineInstance', change: 'reachable', value: 'True' };

const CONNECTED: Mark = { kind: 'VirtualMachineInstance', change: 'AgentConnected', value: 'True' };

export const MILESTONES = {
  /** Of a DataVolume that was created by itself. */
  dataVolumeSucceeded: {
    of: 'volumes',
    reached: SUCCEEDED,
    stamped: READY,
    word: 'succeeded',
    isPurpose: true,
  },
  claimBound: {
    of: 'claims',
    reached: { kind: 'PersistentVolumeClaim', change: 'phase', value: 'Bound' },
    stamped: undefined,
    word: 'bound',
    isPurpose: false,
  },
  snapshotReady: {
    of: 'own',
    reached: { kind: 'VolumeSnapshot', change: 'readyToUse', value: 'true' },
    stamped: undefined,
    word: undefined,
    isPurpose: true,
  },
  /** All DataVolumes that a VM brings have Succeeded. */
  provisioned: {
    of: 'volumes',
    reached: SUCCEEDED,
    stamped: READY,
    word: 'provisioned',
    isPurpose: false,
  },
  instanceRunning: {
    of: 'vmi',
    reached: RUNNING,
    stamped: RUNNING,
    word: 'running',
    isPurpose: true,
  },
  /** Its network interface has an address; told in runs that wait for that. */
  addressed: {
    of: 'vmi',
    reached: ADDRESSED,
    stamped: undefined,
    word: 'ip',
    isPurpose: false,
  },
  /** The guest agent has connected: the guest has booted. */
  guestReady: {
    of: 'vmi',
    reached: CONNECTED,
    stamped: CONNECTED,
    word: 'guestReady',
    isPurpose: false,
  },
  /** The guest has answered the probe that its step asks for. */
  reachable: {
    of: 'vmi',
    reached: ANSWERS,
    stamped: undefined,
    word: 'reachable',
    isPurpose: false,
  },
  stopped: {
    of: 'vmi',
    reached: 'deletion',
    stamped: undefined,
    word: 'stopped',
    isPurpose: false,
  },
  deleted: {
    of: 'own',
    reached: 'deletion',
    stamped: undefined,
    word: 'deleted',
    isPurpose: false,
  },
  /** Whatever `until` of an apply or act step says. */
  until: { of: 'own', reached: 'stages', stamped: undefined, word: 'until', isPurpose: false },
  none: { of: 'own', reached: 'never', stamped: undefined, word: 'none', isPurpose: false },
} as const satisfies Readonly<Record<string, MilestoneFacts>>;

export type Milestone = keyof typeof MILESTONES;
