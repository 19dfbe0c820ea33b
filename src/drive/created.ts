/** What the run has created, by UID: nothing else is ever deleted. */

export interface CreatedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Index of the step in the plan. */
  readonly step: number;
}

export interface CreatedObjects {
  add(object: CreatedObject): void;
  remove(ref: ObjectName): void;
  uidOf(ref: ObjectName): string | undefined;
  /** Seen to be deleted: what bears its name from now on is somebody else's. */
  gone(uid: string): void;
  isGone(uid: string): boolean;
  /** Of one step, or of all; in order of creation. */
  list(step?: number): readonly CreatedObject[];
}

type ObjectName = Pick<CreatedObject, 'kind' | 'namespace' | 'name'>;

export function createdObjects(): CreatedObjects {
  const objects = new Map<string, CreatedObject>();
  const gone = new Set<string>();
  return {
    add: (object) => objects.set(makeKey(object), object),
    remove: (ref) => objects.delete(makeKey(ref)),
    uidOf: (ref) => objects.get(makeKey(ref))?.uid,
    gone: (uid) => gone.add(uid),
    isGone: (uid) => gone.has(uid),
    list: (step) => [...objects.values()].filter((it) => step === undefined || it.step === step),
  };
}

function makeKey({ kind, namespace, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}
