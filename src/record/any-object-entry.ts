/** Lines of runs that deal with objects of any kind. */

/** What the selector of a step found when it began. */
export interface PickedEntry {
  readonly e: 'picked';
  readonly t: number;
  readonly s: number;
  /** `namespace/name` each. */
  readonly places: readonly string[];
}

/** A kind that not every run deals with: its objects are looked at from then on. */
export interface KindEntry {
  readonly e: 'kind';
  readonly t: number;
  readonly k: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}
