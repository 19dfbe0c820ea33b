/**
 * What operations do to their objects: each verb once, as data. How it is asked of the cluster is
 * in drive/actions.ts, which has to know every verb.
 */

import type { ObjectSubject } from './metrics.ts';
import type { Milestone } from './milestones.ts';

export interface VerbFacts {
  /** What is measured of it, beside the disks that it fills and what it creates. */
  readonly measured: { readonly subject: ObjectSubject; readonly of: 'own' | 'vmi' } | undefined;
  /** What it is for where nobody waits for anything; of a creation, its kind decides. */
  readonly purpose: Milestone | undefined;
  /** The refusal that means that it is so already. */
  readonly soAlready: { readonly status: number; readonly needsUid: boolean };
}

export const VERBS = {
  create: {
    measured: undefined,
    purpose: undefined,
    // Somebody else's object may bear the name: the UID is told only where it is ours.
    soAlready: { status: 409, needsUid: true },
  },
  start: {
    measured: { subject: 'vmi', of: 'vmi' },
    purpose: 'instanceRunning',
    soAlready: { status: 409, needsUid: false },
  },
  stop: {
    measured: { subject: 'stoppedInstance', of: 'vmi' },
    purpose: 'stopped',
    soAlready: { status: 409, needsUid: false },
  },
  delete: {
    measured: { subject: 'deletedObject', of: 'own' },
    purpose: 'deleted',
    soAlready: { status: 404, needsUid: false },
  },
  apply: {
    measured: { subject: 'appliedObject', of: 'own' },
    purpose: 'until',
    // Somebody else's object of that name is changed, not created.
    soAlready: { status: 409, needsUid: true },
  },
  act: {
    measured: { subject: 'actedObject', of: 'own' },
    purpose: 'until',
    soAlready: { status: 404, needsUid: false },
  },
} as const satisfies Readonly<Record<string, VerbFacts>>;

export type Verb = keyof typeof VERBS;

export function verbFacts(verb: Verb): VerbFacts {
  return VERBS[verb];
}
