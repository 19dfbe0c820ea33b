/**
 * DataVolumes that CDI deletes once they are done (deleteAfterCompletion, TTL). Where that falls
 * into a watch gap nobody sees them Succeeded, and their claim alone tells: CDI takes it away from
 * such a DataVolume before it deletes that; of one that somebody else deletes, the claim goes too.
 */

import { CLAIMS, DATA_VOLUMES } from '../api/resources.ts';
import type { KubeObject } from '../api/object.ts';
import { findController } from './kinds.ts';
import type { Sight } from './notes.ts';
import { getValue, type SeenObject } from './seen-object.ts';

export interface Collected {
  /** A look at an object, after it was read. */
  looked(seen: SeenObject, object: KubeObject, sight: Sight): void;
  /** Of an object that is gone: `wait` where it is a DataVolume, until its claim tells. */
  fateOf(object: SeenObject, sight: Sight): 'done' | 'gone' | 'wait';
}

const OVER: ReadonlySet<string | undefined> = new Set(['Succeeded', 'Failed']);

export type EndOf = (volume: SeenObject, fate: 'done' | 'gone', sight: Sight) => void;

/** `tell` is called once for each DataVolume that had to wait. */
export function createCollected(tell: EndOf): Collected {
  /** By the UID of their DataVolume. */
  const claims = new Map<string, { readonly claim: SeenObject; isReleased: boolean }>();
  const waiting = new Map<SeenObject, Sight>();
  const end = (claim: SeenObject, fate: 'done' | 'gone', { atUs }: Sight) => {
    const { owner } = claim;
    const since = owner && waiting.get(owner);
    if (!owner || !since) return;
    waiting.delete(owner);
    tell(owner, fate, { ...since, atUs });
  };
  return {
    looked(claim, object, sight) {
      const { owner } = claim;
      if (claim.kind !== CLAIMS.kind || owner?.kind !== DATA_VOLUMES.kind) return;
      const isReleased = findController(object)?.uid !== owner.uid;
      claims.set(owner.uid, { claim, isReleased });
      if (object.metadata.deletionTimestamp !== undefined) end(claim, 'gone', sight);
      else if (isReleased && isBound(claim)) end(claim, 'done', sight);
    },
    fateOf(volume, sight) {
      if (volume.kind === CLAIMS.kind) end(volume, 'gone', sight);
      const known = claims.get(volume.uid);
      // Outside a gap its last phase was seen.
      if (sight.lowerUs === undefined || OVER.has(getValue(volume, 'phase')) || !known)
        return 'gone';
      if (known.claim.gone) return 'gone';
      if (known.isReleased && isBound(known.claim)) return 'done';
      // Each list goes without it; the first one counts.
      if (!waiting.has(volume)) waiting.set(volume, sight);
      return 'wait';
    },
  };
}

function isBound(claim: SeenObject): boolean {
  return getValue(claim, 'phase') === 'Bound';
}
