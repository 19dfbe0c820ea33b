/**
 * What must have been committed before something else could be: an object before the one that names
 * it as its owner, a pod that runs before the instance that is scheduled by it. Both sightings are
 * by our own clock, so a cause that was seen well after its effect was late, whatever any stamp
 * says. The order of sights on two streams proves nothing else; only these pairs, where the second
 * writer has read what the first wrote. Of a DataVolume and its claim neither is first: one that is
 * imported has succeeded with its pod (cdi controller-base.go updateStatus), bound or not.
 */

import type { ObjectTable, Sighting } from '../../record/object-table.ts';

export interface Cause {
  /** Whose stream brought it. */
  readonly kind: string;
  readonly sighting: Sighting;
  /** Its effect was seen then: it was committed by that time. */
  readonly byUs: number;
  /** The object, where it is its creation. */
  readonly created: number | undefined;
}

interface Mark {
  readonly kind: string;
  readonly name: string;
  readonly value: string;
}

/** The controller of the owner reads the mark of what it owns before it writes its own. */
interface Order {
  readonly owned: Mark;
  readonly owner: Mark;
}

const ORDERS: readonly Order[] = [
  // kubevirt virt-controller/watch vmi.go updateStatus: isPodReady
  {
    owned: mark('Pod', 'phase', 'Running'),
    owner: mark('VirtualMachineInstance', 'phase', 'Scheduled'),
  },
  // kubevirt virt-controller/watch vm.go setPrintableStatus
  {
    owned: mark('VirtualMachineInstance', 'phase', 'Running'),
    owner: mark('VirtualMachine', 'printableStatus', 'Running'),
  },
];

/** Visits each cause of which the effect was seen too, in order of objects. */
export function visitCauses(objects: ObjectTable, visit: (cause: Cause) => void): void {
  for (let object = 0; object < objects.size; object++) {
    const owner = objects.ownerOf(object);
    if (owner === undefined) continue;
    const sighting = objects.seen(owner);
    visit({
      kind: objects.kindOf(owner),
      sighting,
      byUs: objects.seen(object).atUs,
      created: owner,
    });
    for (const order of ORDERS) visitOrder(objects, owner, object, order, visit);
  }
}

function visitOrder(
  objects: ObjectTable,
  owner: number,
  owned: number,
  order: Order,
  visit: (cause: Cause) => void,
): void {
  if (objects.kindOf(owned) !== order.owned.kind) return;
  if (objects.kindOf(owner) !== order.owner.kind) return;
  const cause = objects.first(owned, order.owned.name, order.owned.value);
  const effect = objects.first(owner, order.owner.name, order.owner.value);
  if (cause === undefined || effect === undefined) return;
  // Of a VMI before this one: a VM that is booted again has been Running already.
  if (effect.atUs < objects.seen(owned).atUs) return;
  visit({
    kind: order.owned.kind,
    sighting: cause,
    byUs: effect.atUs,
    created: undefined,
  });
}

function mark(kind: string, name: string, value: string): Mark {
  return { kind, name, value };
}
