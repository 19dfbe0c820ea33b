/**
 * Keeps a controller from acting on a copy that does not yet hold its own last write. A reader
 * would get wrong that a skipped look must not be lost: whoever asks while the copy is behind is
 * served when the write comes back. Versions are only compared for equality.
 */

import type { KubeObject } from '../../../api/object.ts';

export interface OwnWrites {
  /** `written` replaced `base` on the server; with `asks` it is to be looked at when it is back. */
  wrote(base: KubeObject, written: KubeObject, asks?: 'asks'): void;
  /** Whether the copy is older than our last write; the caller then waits for it to come back. */
  isBehind(copy: KubeObject): boolean;
  /**
   * For the informer's handler: true where the change is just our own write coming back, and
   * nobody asked for a look meanwhile.
   */
  isEcho(now: KubeObject): boolean;
  forget(object: KubeObject): void;
}

interface Outstanding {
  /** Versions that our writes have replaced. */
  readonly replaced: readonly (string | undefined)[];
  readonly written: string | undefined;
  asked: boolean;
}

export function createOwnWrites(): OwnWrites {
  const outstanding = new Map<string, Outstanding>();
  return {
    wrote(base, written, asks) {
      const { uid, resourceVersion } = base.metadata;
      // A write that changed nothing has no version of its own and never comes back.
      if (uid === undefined || written.metadata.resourceVersion === resourceVersion) return;
      const earlier = outstanding.get(uid);
      const chained = earlier !== undefined && earlier.written === resourceVersion;
      outstanding.set(uid, {
        replaced: chained ? [...earlier.replaced, resourceVersion] : [resourceVersion],
        written: written.metadata.resourceVersion,
        asked: asks !== undefined || (chained && earlier.asked),
      });
    },
    isBehind(copy) {
      const entry = outstanding.get(copy.metadata.uid ?? '');
      if (!entry?.replaced.includes(copy.metadata.resourceVersion)) return false;
      entry.asked = true;
      return true;
    },
    isEcho(now) {
      const uid = now.metadata.uid ?? '';
      const entry = outstanding.get(uid);
      if (!entry) return false;
      if (entry.replaced.includes(now.metadata.resourceVersion)) return true;
      outstanding.delete(uid);
      return entry.written === now.metadata.resourceVersion && !entry.asked;
    },
    forget(object) {
      outstanding.delete(object.metadata.uid ?? '');
    },
  };
}
