/**
 * Which objects an operation is about: the DataVolume it created, the disks its VM brought, the VMI
 * that a start led to. Names are not identity. A re-created object is another one, so the UID that
 * the create returned decides, and the name only without it.
 */

import type { Variant } from '../record/entry.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Operation, Run, RunStep } from '../record/run.ts';
import { type Disk, diskFinder } from './disks.ts';

export interface Subjects {
  readonly step: RunStep;
  readonly variant: Variant;
  /** The created, started, stopped or deleted object itself; undefined where none was seen. */
  readonly own: number | undefined;
  readonly disks: readonly Disk[];
  /** What a start leads to, or a stop ends. */
  readonly vmi: number | undefined;
}

/** Finds the subjects of an operation of `run`; undefined where its step was not recorded. */
export function subjectFinder(run: Run): (operation: Operation) => Subjects | undefined {
  const steps = new Map(run.steps.map((step) => [step.index, step]));
  const findDisks = diskFinder(run);
  return (operation) => {
    const step = findStep(steps.get(operation.step), operation);
    if (step === undefined) return undefined;
    const variant = step.variants[operation.variant] ?? {};
    const own = ownSubject(run.objects, operation);
    const disks = findDisks(operation, own, variant);
    return { step, variant, own, disks, vmi: findVmi(run.objects, operation) };
  };
}

/** What others do waits for nothing, but each object is for something. */
function findStep(step: RunStep | undefined, { found }: Operation): RunStep | undefined {
  return step && found ? { ...step, until: found.until } : step;
}

function ownSubject(objects: ObjectTable, operation: Operation): number | undefined {
  if (operation.found) return operation.found.object;
  const uid = operation.ack?.uid;
  if (uid !== undefined) return objects.withUid(uid);
  // What has the name of one that was refused is somebody else's.
  if (operation.verb === 'create' && isRefused(operation)) return undefined;
  return namedSubject(objects, operation, operation.kind);
}

/** Of a server that gave up, or was too busy, nobody knows whether it made the object. */
function isRefused({ ack }: Operation): boolean {
  const status = ack?.status ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function findVmi(objects: ObjectTable, operation: Operation): number | undefined {
  if (operation.kind === 'VirtualMachineInstance') return operation.found?.object;
  if (operation.kind !== 'VirtualMachine') return undefined;
  return namedSubject(objects, operation, 'VirtualMachineInstance');
}

/**
 * What appeared after a create or a start; what was there before a stop or a delete. A VM that was
 * found running had been asked to before: what was known of that was lost with a session's disk.
 */
function namedSubject(
  objects: ObjectTable,
  { verb, name, sentUs, miss, kind: ownKind }: Operation,
  kind: string,
): number | undefined {
  const named = objects.named(kind, name);
  const isOlder = (object: number) => objects.seen(object).atUs < sentUs;
  const appears = verb === 'create' || (verb === 'start' && kind !== ownKind);
  if (!appears) return named.findLast(isOlder);
  const newer = named.find((object) => !isOlder(object));
  if (newer !== undefined || kind === ownKind || miss !== undefined) return newer;
  return named.findLast((object) => (objects.deleted(object)?.atUs ?? Infinity) > sentUs);
}
