/** What was seen, as entries of the history: objects, transitions, deletions. */

import type { KubeObject } from '../api/object.ts';
import type { DeletedEntry, ObjectEntry, TransitionEntry } from '../record/entry.ts';
import { findController, type ObservedKind } from './kinds.ts';
import { readOrigin, type Strangers } from './made-of.ts';
import { TRUE } from './step-watch.ts';
import type { Reading } from './reading.ts';
import type { SeenObject } from './seen-object.ts';
import type { Stamps } from './stamps.ts';

/** When something was seen, and how well that time is known. */
export interface Sight {
  /** Run time. */
  readonly atUs: number;
  /** It had surely not happened by then; undefined where `atUs` is exact. */
  readonly lowerUs: number | undefined;
  /** From a list: intermediate values are lost. */
  readonly coalesced: boolean;
}

export interface Wording {
  readonly stamps: Stamps;
  /** The run's own, which entries leave out. */
  readonly namespace: string;
  /** Where nobody planned the objects: they say themselves what they are made of. */
  readonly strangers?: Strangers | undefined;
}

export function objectEntry(
  seen: SeenObject,
  kind: ObservedKind,
  object: KubeObject,
  sight: Sight,
  { stamps, namespace, strangers }: Wording,
): ObjectEntry {
  const ownerUid = findController(object)?.uid;
  const at = stamps.secondsOf(object.metadata.creationTimestamp);
  const src = kind.source?.(object);
  return {
    e: 'obj',
    t: sight.atUs,
    o: seen.id,
    k: seen.kind,
    n: seen.name,
    ...(seen.namespace === namespace ? {} : { ns: seen.namespace ?? '' }),
    u: seen.uid,
    ...(seen.owner === undefined ? {} : { own: seen.owner.id }),
    ...(seen.owner !== undefined || ownerUid === undefined ? {} : { ownUid: ownerUid }),
    ...(at === undefined ? {} : { at }),
    ...(sight.lowerUs === undefined ? {} : { l: sight.lowerUs }),
    ...(src === undefined ? {} : { src }),
    ...(seen.watch === undefined ? {} : { w: seen.watch }),
    ...(strangers === undefined ? {} : readOrigin(seen.kind, object, strangers)),
  };
}

export function transitionEntry(
  seen: SeenObject,
  { changes, skipped }: Reading,
  sight: Sight,
): TransitionEntry {
  const lowerUs = sight.lowerUs ?? (skipped ? seen.knownUs : undefined);
  return {
    e: 'tr',
    t: sight.atUs,
    o: seen.id,
    c: changes,
    ...(lowerUs === undefined ? {} : { l: lowerUs }),
    ...(skipped || sight.coalesced ? { coalesced: true } : {}),
  };
}

/** What a probe found out of the object, some time from `lowerUs` to `atUs`. */
export function foundOut(
  seen: SeenObject,
  change: string,
  atUs: number,
  lowerUs: number,
): TransitionEntry {
  return { e: 'tr', t: atUs, o: seen.id, c: [[change, TRUE]], l: lowerUs, probed: true };
}

export function deletedEntry(seen: SeenObject, { atUs, lowerUs }: Sight): DeletedEntry {
  return { e: 'del', t: atUs, o: seen.id, ...(lowerUs === undefined ? {} : { l: lowerUs }) };
}
