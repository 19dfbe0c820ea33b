/**
 * Who is there and who owns whom. Kinds are watched on separate streams, so an object can be seen
 * before its owner; it is then an orphan until the owner shows up.
 */

import type { SeenObject } from './seen-object.ts';

export interface ObjectTable {
  get(uid: string): SeenObject | undefined;
  /** Files a new object; returns the orphans that it turns out to own. */
  add(object: SeenObject, ownerUid: string | undefined): readonly SeenObject[];
  /** Marks as gone; returns it and its owners where nothing of theirs is left alive. */
  remove(object: SeenObject): readonly SeenObject[];
  /** Objects of a kind that are not gone. */
  ofKind(kind: string): readonly SeenObject[];
}

export function createObjectTable(): ObjectTable {
  const objects = new Map<string, SeenObject>();
  const orphans = new Map<string, SeenObject[]>();
  return {
    get: (uid) => objects.get(uid),
    add(object, ownerUid) {
      objects.set(object.uid, object);
      const owner = ownerUid === undefined ? undefined : objects.get(ownerUid);
      if (owner !== undefined) adopt(owner, object);
      else if (ownerUid !== undefined) push(orphans, ownerUid, object);
      const children = orphans.get(object.uid) ?? [];
      orphans.delete(object.uid);
      for (const child of children) adopt(object, child);
      return children;
    },
    remove(object) {
      objects.delete(object.uid);
      object.gone = true;
      return release(object);
    },
    ofKind: (kind) => [...objects.values()].filter((object) => object.kind === kind),
  };
}

function adopt(owner: SeenObject, child: SeenObject): void {
  child.owner = owner;
  for (let up: SeenObject | undefined = owner; up; up = up.owner) up.alive += child.alive;
}

function release(object: SeenObject): readonly SeenObject[] {
  const cleared: SeenObject[] = [];
  for (let up: SeenObject | undefined = object; up; up = up.owner) {
    up.alive -= 1;
    if (up.alive === 0 && up.gone) cleared.push(up);
  }
  return cleared;
}

function push(orphans: Map<string, SeenObject[]>, uid: string, object: SeenObject): void {
  const waiting = orphans.get(uid);
  if (waiting) waiting.push(object);
  else orphans.set(uid, [object]);
}
