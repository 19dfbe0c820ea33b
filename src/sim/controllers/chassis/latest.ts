/**
 * The newest state of an object that this process knows: the informer's copy, or its own last write
 * while that is on its way back. Without it every controller would act twice on a stale copy.
 * A write that the watch has overtaken is no news, and one that never comes back is forgotten.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { Clock } from '../../../core/clock.ts';
import { SECOND } from '../../../core/duration.ts';
import { type Informer, makeObjectKey, objectKey } from '../../../kube/informer.ts';

export interface Latest<T extends KubeObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** `written` is what the server answered to a write of ours. */
  wrote(written: T): void;
}

interface OwnWrite<T> {
  object: T;
  /** Versions of our writes that the informer has not shown yet. */
  readonly versions: (string | undefined)[];
  expiresUs: number;
}

const LAPSE_US = 5 * SECOND;

export function createLatest<T extends KubeObject>(clock: Clock, informer: Informer<T>): Latest<T> {
  const own = new Map<string, OwnWrite<T>>();
  informer.onChange((now, before) => {
    if (own.size === 0) return;
    const key = makeObjectKey((now ?? before) as T);
    const write = own.get(key);
    if (!write) return;
    const version = now?.metadata.resourceVersion;
    const echo = now !== undefined && write.versions.includes(version);
    if (!echo || version === write.object.metadata.resourceVersion) own.delete(key);
  });
  return {
    get(namespace, name) {
      const key = objectKey(namespace, name);
      const write = own.get(key);
      if (write === undefined) return informer.get(namespace, name);
      if (write.expiresUs > clock.nowUs()) return write.object;
      own.delete(key);
      return informer.get(namespace, name);
    },
    wrote(written) {
      const { namespace, name, resourceVersion } = written.metadata;
      const seen = informer.get(namespace, name)?.metadata.resourceVersion;
      if (seen !== undefined && !isNewer(resourceVersion, seen)) return;
      const key = objectKey(namespace, name);
      const expiresUs = clock.nowUs() + LAPSE_US;
      const write = own.get(key);
      if (!write) {
        own.set(key, { object: written, versions: [resourceVersion], expiresUs });
        return;
      }
      write.object = written;
      write.versions.push(resourceVersion);
      write.expiresUs = expiresUs;
    },
  };
}

/** Versions of one kind are decimal numbers that grow (KEP-5504); of any length. */
function isNewer(version: string | undefined, other: string): boolean {
  if (version === undefined) return false;
  return version.length === other.length ? version > other : version.length > other.length;
}
