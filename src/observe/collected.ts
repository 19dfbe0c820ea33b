/**
 * DataVolumes that CDI deletes once they are done (deleteAfterCompletion, TTL). Where that falls
 * into a watch gap nobody sees them Succeeded, and their claim alone tells: CDI takes the claim from
 * such a DataVolume before it deletes it; of one that somebody else deletes, the claim goes too.
 */

import type { KubeObject } from '../api/object.ts';
import { findController } from './kinds.ts';
import type { Sight } from './notes.ts';
import { getValue, type SeenObject } from './seen-object.ts';

export interface Collected {
  /** A look at a claim, after it was read. */
  looked(claim: SeenObject, object: KubeObject, sight: Sight): void;
  /** A claim is gone. */
  claimGone(claim: SeenObject, sight: Sight): void;
  /** What is known of a DataVolume that is gone: `wait` until its claim tells. */
  fateOf(volume: SeenObject, sight: Sight): 'done' | 'gone' | 'wait';
}

const OVER: ReadonlySet<string | undefined> = new Set(['Succeeded', 'Failed']);

/** `tell` is called once for each DataVolume that had to wait. */
export function createCollected(
  tell: (volume: SeenObject, fate: 'done' | 'gone', sight: Sight) => void,
): Collected {
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
      if (owner?.kind !== 'DataVolume') return;
      const isReleased = findController(object)?.uid !== owner.uid;
      claims.set(owner.uid, { claim, isReleased });
      if (object.metadata.deletionTimestamp !== undefined) end(claim, 'gone', sight);
      else if (isReleased && isBound(claim)) end(claim, 'done', sight);
    },
    claimGone(claim, sight) {
      end(claim, 'gone', sight);
      if (claim.owner) claims.delete(claim.owner.uid);
    },
    fateOf(volume, sight) {
      const known = claims.get(volume.uid);
      // Outside a gap its last phase was seen.
      if (sight.lowerUs === undefined || OVER.has(getValue(volume, 'phase')) || !known)
        return 'gone';
      if (known.isReleased && isBound(known.claim)) return 'done';
      waiting.set(volume, sight);
      return 'wait';
    },
  };
}

function isBound(claim: SeenObject): boolean {
  return getValue(claim, 'phase') === 'Bound';
}
