/** What is remembered of an object during a run: little, since there may be half a million. */

import type { Expectation } from './expectation.ts';

/** An object of the cluster, from its first sight on; another UID is another object. */
export interface SeenObject {
  /** Its number in the history. */
  readonly id: number;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  owner: SeenObject | undefined;
  /** Last value of each change told: name, value, name, value ... */
  readonly values: string[];
  /** Stamps of phase transitions already told. */
  stamps: number;
  /** Parts of the object that a frozen copy shares while they are unchanged. */
  conditions: unknown;
  annotations: unknown;
  /** The watch of a step that alone shows it; undefined where every run would see it. */
  readonly watch: number | undefined;
  /** Run time of the last watch event or list that showed it. */
  knownUs: number;
  /** What that showed had surely not happened by then; undefined where its time is exact. */
  doubtUs: number | undefined;
  gone: boolean;
  /** Objects not yet gone among it and all that it owns, directly or through others. */
  alive: number;
  /** Of a VM: DataVolumes of its own that have Succeeded. */
  disksSucceeded: number;
  /** Of a DataVolume: its claim was seen Bound. */
  claimBound: boolean;
  /** Of a VM: the VMI that runs it now. */
  vmi: SeenObject | undefined;
  /** What it owns, directly or through others, and was in trouble last. */
  troubled: SeenObject | undefined;
  /** The operation under way on it. */
  expectation: Expectation | undefined;
}

/** A SeenObject as plain values, for another thread or another session. */
export interface KnownObject {
  readonly id: number;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly ownerUid: string | undefined;
  readonly values: readonly string[];
  readonly stamps: number;
  readonly watch?: number | undefined;
}

export function toKnown(object: SeenObject): KnownObject {
  const { id, kind, namespace, name, uid, owner, values, stamps, watch } = object;
  const known = { id, kind, namespace, name, uid, ownerUid: owner?.uid, stamps };
  return { ...known, values: [...values], ...(watch === undefined ? {} : { watch }) };
}

export function fromKnown(known: KnownObject): SeenObject {
  const { id, kind, values, stamps, watch } = known;
  return { ...newSeenObject(id, kind, known, watch), values: [...values], stamps };
}

export function newSeenObject(
  id: number,
  kind: string,
  ref: { readonly namespace: string | undefined; readonly name: string; readonly uid: string },
  watch?: number,
): SeenObject {
  return {
    id,
    kind,
    namespace: ref.namespace,
    name: ref.name,
    uid: ref.uid,
    owner: undefined,
    values: [],
    stamps: 0,
    conditions: undefined,
    annotations: undefined,
    watch,
    knownUs: 0,
    doubtUs: undefined,
    gone: false,
    alive: 1,
    disksSucceeded: 0,
    claimBound: false,
    vmi: undefined,
    troubled: undefined,
    expectation: undefined,
  };
}

/** The last value told of `name`; undefined where none was. */
export function getValue(object: SeenObject, name: string): string | undefined {
  const { values } = object;
  for (let i = 0; i < values.length; i += 2) if (values[i] === name) return values[i + 1];
  return undefined;
}

/** Remembers a value; false where it is the one already known. */
export function setValue(object: SeenObject, name: string, value: string): boolean {
  const { values } = object;
  for (let i = 0; i < values.length; i += 2) {
    if (values[i] !== name) continue;
    if (values[i + 1] === value) return false;
    values[i + 1] = value;
    return true;
  }
  values.push(name, value);
  return true;
}
