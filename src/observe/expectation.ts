/** An operation under way and what it waits for: types alone, since who is seen refers to them. */

import type { MissClass } from '../record/miss-class.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { ProbeTest } from '../catalogue/tests.ts';

export interface Expectation {
  readonly operation: number;
  readonly kind: string;
  /** Undefined where its kind lives in none. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly goal: Milestone;
  /** DataVolumes that the VM brings with it. */
  readonly disks: number;
  /** A golden image: its DataVolume Succeeded and its claim Bound, whichever the goal names. */
  readonly golden: boolean;
  /** What the guest is asked, where the goal is that it answers. */
  readonly probe?: ProbeTest | undefined;
  /** What the step itself says that it waits for, one after the other. */
  readonly stages?: readonly StageWait[] | undefined;
  /** What makes it useless to wait. */
  readonly failConditions?: readonly FailureWait[] | undefined;
}

export interface StageWait {
  readonly name: string;
  /** The predicate that has to be true. */
  readonly change: string;
  /** `kind namespace/name` of the object that it is about. */
  readonly place: string;
  /** It is the object that the operation is on. */
  readonly isOwn: boolean;
  /** The object has to be gone. */
  readonly isGone: boolean;
  /** The predicate has to be true of so many objects, whichever. */
  readonly tally: number | undefined;
  /** Only the guest itself can tell: the object is its VMI. */
  readonly probe?: ProbeTest | undefined;
}

export interface FailureWait {
  readonly name: string;
  readonly change: string;
  readonly place: string;
}

export type Verdict =
  | { readonly how: 'reached' }
  /** The milestone will never be reached. */
  | {
      readonly how: 'failed';
      readonly reason: string;
      readonly class?: MissClass;
      readonly message?: string;
    }
  /** Not by then, or nobody will ever know: the object was taken away by someone else. */
  | {
      readonly how: 'censored';
      readonly reason: string;
      readonly class?: MissClass;
      readonly message?: string;
    };

export const REACHED: Verdict = { how: 'reached' };
