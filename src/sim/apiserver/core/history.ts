/**
 * The recent commits of one collection, from which broken watches resume. Older ones are dropped;
 * a watch that asks for more than is left gets 410, as from a real watch cache.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { WatchEvent } from '../../../api/transport.ts';

export interface Commit {
  /** The store's version after this write. */
  readonly version: number;
  /** Shared by all watchers that see the change as it is; carries type and object. */
  readonly event: WatchEvent;
  /** The object as it was; undefined where it is new. */
  readonly before: KubeObject | undefined;
}

export interface History {
  /** Commits after this version are all here. */
  readonly floor: number;
  push(commit: Commit): void;
  /** The commits after `version`, oldest first; undefined where some are gone. */
  since(version: number): readonly Commit[] | undefined;
  /** Keeps so many commits from now on, if that is more than before. */
  grow(length: number): void;
  /** Forgets everything up to `version`, the store's present one. */
  compact(version: number): void;
}

export function createHistory(firstLength: number): History {
  let length = firstLength;
  let ring: Commit[] = [];
  /** Index of the oldest once the ring is full. */
  let head = 0;
  let floor = 0;
  const at = (i: number) => ring[(head + i) % ring.length] as Commit;
  return {
    get floor() {
      return floor;
    },
    push(commit) {
      if (length === 0) {
        floor = commit.version;
      } else if (ring.length < length) {
        ring.push(commit);
      } else {
        floor = at(0).version;
        ring[head] = commit;
        head = (head + 1) % length;
      }
    },
    since(version) {
      if (version < floor) return undefined;
      const commits: Commit[] = [];
      for (let i = firstAfter(version, ring.length, at); i < ring.length; i++) commits.push(at(i));
      return commits;
    },
    grow(wanted) {
      if (wanted <= length) return;
      // Unrolled, so that the oldest comes first again.
      ring = [...ring.slice(head), ...ring.slice(0, head)];
      head = 0;
      length = wanted;
    },
    compact(version) {
      ring = [];
      head = 0;
      floor = version;
    },
  };
}

function firstAfter(version: number, length: number, at: (i: number) => Commit): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle).version <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}
