/** Who is in trouble, told along the chain of owners: a VM is in the trouble of its pod. */

import type { MissClass } from '../record/miss-class.ts';
import { type SeenObject, getValue } from './seen-object.ts';
import { NO_TROUBLE, TROUBLE, TROUBLE_MESSAGE, type Trouble } from './trouble.ts';

/** What is wrong with it or with what it owns, which knows more of it than its owner. */
export function knownTrouble(object: SeenObject): Trouble | undefined {
  return (object.troubled && ownTrouble(object.troubled)) ?? ownTrouble(object);
}

/** To be called when its trouble has changed: whoever owns it learns of it, or forgets it. */
export function noteTrouble(object: SeenObject): void {
  if (ownTrouble(object) === undefined) return forgetTrouble(object);
  for (let { owner } = object; owner; { owner } = owner) owner.troubled = object;
}

/** To be called when it is gone. */
export function forgetTrouble(object: SeenObject): void {
  for (let { owner } = object; owner; { owner } = owner) {
    if (owner.troubled === object) owner.troubled = undefined;
  }
}

function ownTrouble(object: SeenObject): Trouble | undefined {
  const known = getValue(object, TROUBLE);
  if (known === undefined || known === NO_TROUBLE) return undefined;
  return { class: known as MissClass, message: getValue(object, TROUBLE_MESSAGE) ?? '' };
}
