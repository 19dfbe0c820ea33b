/**
 * The kinds of step: each once, as data. To add one, add it here; the compiler then asks for what a
 * scenario file may say of it (scenario/steps.ts) and for its plan (plan/planners.ts), and where
 * its operations need a verb that there is not yet, for that (verbs.ts, drive/actions.ts).
 */

import { isOfBoot } from './milestone-marks.ts';
import { type Milestone, MILESTONES } from './milestones.ts';

/** The time-outs of a scenario. */
export type TimeoutName =
  | 'import'
  | 'snapshot'
  | 'clone'
  | 'deploy'
  | 'boot'
  | 'stop'
  | 'delete'
  | 'apply'
  | 'act';

export interface StepKindFacts {
  /** What it does, for the schema of scenario files; undefined where no file asks for it. */
  readonly does: string | undefined;
  /** The milestones that its waves may wait for, the default first. */
  readonly goals: readonly Milestone[];
  /** Limits each of its operations; undefined where it has none, or others decide. */
  readonly timeout: TimeoutName | undefined;
  /** Plans and histories tell of it as a step of this kind: its own, or one that does the same. */
  readonly recordedAs: string;
}

const BOOT_GOALS = (Object.keys(MILESTONES) as readonly Milestone[]).filter(isOfBoot);

export const STEP_KINDS = {
  /** A golden image is imported, or its snapshot taken: what the steps of a file need first. */
  image: {
    does: undefined,
    goals: ['dataVolumeSucceeded', 'snapshotReady'],
    timeout: undefined,
    recordedAs: 'image',
  },
  clone: {
    does: 'DataVolumes cloned from an image.',
    goals: ['dataVolumeSucceeded', 'claimBound', 'none'],
    timeout: 'clone',
    recordedAs: 'clone',
  },
  deploy: {
    does: 'VMs created from a template, stopped.',
    goals: ['provisioned', 'none'],
    timeout: 'deploy',
    recordedAs: 'deploy',
  },
  boot: {
    does: 'Deployed VMs started.',
    goals: ['guestReady', ...BOOT_GOALS.filter((goal) => goal !== 'guestReady'), 'none'],
    timeout: 'boot',
    recordedAs: 'boot',
  },
  stop: {
    does: 'Started VMs stopped.',
    goals: ['stopped', 'none'],
    timeout: 'stop',
    recordedAs: 'stop',
  },
  delete: {
    does: 'Deployed VMs deleted.',
    goals: ['deleted', 'none'],
    timeout: 'delete',
    recordedAs: 'delete',
  },
  cleanup: {
    does: 'What an earlier step created is deleted.',
    goals: ['deleted', 'none'],
    timeout: 'delete',
    recordedAs: 'delete',
  },
  apply: {
    does: 'Objects of any kind applied, one or thousands, until what they are for is true.',
    goals: ['until'],
    timeout: 'apply',
    recordedAs: 'apply',
  },
  act: {
    does: 'Something done to objects that are there, until what it is for is true.',
    goals: ['until'],
    timeout: 'act',
    recordedAs: 'act',
  },
  pause: {
    does: 'Nothing happens for a while.',
    goals: ['none'],
    timeout: undefined,
    recordedAs: 'pause',
  },
  /** Only watched: somebody else makes the load. */
  observe: { does: undefined, goals: ['none'], timeout: undefined, recordedAs: 'observe' },
} as const satisfies Readonly<Record<string, StepKindFacts>>;

type Kinds = typeof STEP_KINDS;

/** What plans and histories call a step. */
export type StepKind = Kinds[keyof Kinds]['recordedAs'];

/** What a scenario file may ask for. */
export type AskedKind = {
  [Kind in keyof Kinds]: Kinds[Kind]['does'] extends string ? Kind : never;
}[keyof Kinds];
