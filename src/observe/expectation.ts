/** An operation under way and what it waits for: types alone, since who is seen refers to them. */

import type { MissClass } from '../record/miss-class.ts';
import type { Milestone } from '../catalogue/milestones.ts';

export interface Expectation {
  readonly operation: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly goal: Milestone;
  /** DataVolumes that the VM brings with it. */
  readonly disks: number;
  /** A golden image: its DataVolume Succeeded and its claim Bound, whichever the goal names. */
  readonly golden: boolean;
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
