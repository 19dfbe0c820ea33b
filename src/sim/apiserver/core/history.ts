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
  return new CommitRing(firstLength);
}

/** A class for the reason that core/fifo.ts gives. */
class CommitRing implements History {
  floor = 0;
  private length: number;
  private ring: Commit[] = [];
  /** Index of the oldest once the ring is full. */
  private head = 0;

  constructor(length: number) {
    this.length = length;
  }

  push(commit: Commit): void {
    const { ring, length, head } = this;
    if (length === 0) {
      this.floor = commit.version;
    } else if (ring.length < length) {
      ring.push(commit);
    } else {
      this.floor = this.at(0).version;
      ring[head] = commit;
      this.head = (head + 1) % length;
    }
  }

  since(version: number): readonly Commit[] | undefined {
    if (version < this.floor) return undefined;
    const commits: Commit[] = [];
    const { length } = this.ring;
    const at = (i: number) => this.at(i);
    for (let i = firstAfter(version, length, at); i < length; i++) commits.push(at(i));
    return commits;
  }

  grow(wanted: number): void {
    if (wanted <= this.length) return;
    // Unrolled, so that the oldest comes first again.
    this.ring = [...this.ring.slice(this.head), ...this.ring.slice(0, this.head)];
    this.head = 0;
    this.length = wanted;
  }

  compact(version: number): void {
    this.ring = [];
    this.head = 0;
    this.floor = version;
  }

  private at(i: number): Commit {
    return this.ring[(this.head + i) % this.ring.length] as Commit;
  }
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
