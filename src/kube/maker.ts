/**
 * Who made an object, as the API server has it: the field manager that a creation names stands in
 * the object's managedFields, where no copy of its manifest brings it. Each run has one of its own,
 * so that it is the proof by which a run knows its objects again.
 */

import type { ObjectMeta } from '../api/object.ts';

/** Who made the objects of runs that were begun before each had a field manager of its own. */
export const OLD_MAKER = 'bench';

const PREFIX = 'bench-run-';

/** A field manager that no other run has: `bench-run-` and the digits of a UUID. */
export function makerName(uuid: string): string {
  return `${PREFIX}${uuid.replaceAll('-', '')}`;
}

/** Query of a creation that is to be credited to `maker`. */
export function creationQuery(maker: string | undefined): {
  readonly query?: Readonly<Record<string, string>>;
} {
  return maker === undefined ? {} : { query: { fieldManager: maker } };
}

export function isMadeBy(metadata: ObjectMeta, maker: string): boolean {
  return makersOf(metadata).includes(maker);
}

/** Made by some run of bench, of which nothing more is known. */
export function isMadeBySomeRun(metadata: ObjectMeta): boolean {
  return makersOf(metadata).some((maker) => maker.startsWith(PREFIX));
}

/** Managers that wrote to the object as a whole; those of its status made nothing. */
function makersOf({ managedFields = [] }: ObjectMeta): readonly string[] {
  const entries = managedFields as readonly ManagedFields[];
  return entries.flatMap(({ manager, operation, subresource }) =>
    manager !== undefined && operation === 'Update' && !subresource ? [manager] : [],
  );
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
}
