/**
 * Server-side apply: the applied fields are laid over the live object, what the applier set last
 * time and leaves out now goes away unless someone else owns it, and a changed field that someone
 * else owns is a conflict unless the applier forces it (structured-merge-diff merge/update.go).
 */

import type { KubeObject } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { failure } from '../../../api/status.ts';
import { Refusal } from '../core/refusal.ts';
import {
  difference,
  type Fields,
  intersection,
  isEmpty,
  memberPaths,
  NO_FIELDS,
  union,
} from './fields.ts';
import {
  isEntry,
  type ManagerEntry,
  type ManagerId,
  newEntry,
  collectOwnedFields,
  readEntries,
  withEntries,
} from './managed-fields.ts';
import {
  compareTyped,
  collectFields,
  mergeTyped,
  removeFields,
  withNamedContainers,
} from './typed.ts';

export interface ApplyOptions {
  readonly manager: string;
  readonly subresource: string;
  readonly force: boolean;
  readonly time: string;
}

/** The live object as the applied configuration would have it; 409 where others object. */
export function applyConfiguration(
  definition: KindDefinition,
  live: KubeObject,
  applied: KubeObject,
  options: ApplyOptions,
): KubeObject {
  const id: ManagerId = { ...options, operation: 'Apply' };
  const entries = readEntries(live);
  const mine = entries.find((entry) => isEntry(entry, id));
  const others = entries.filter((entry) => !isEntry(entry, id));
  const fields = collectOwnedFields(definition, id, applied);
  const merged = mergeTyped(live, applied, definition.schema);
  const pruned = prune(definition, merged, mine, collectFields(applied, definition.schema), others);
  const changes = compareTyped(live, pruned, definition.schema);
  const changed = union(changes.added, changes.modified);
  checkConflicts(others, changed, options.force);
  const left = others.map((entry) => ({
    ...entry,
    fields: difference(entry.fields, union(changed, changes.removed)),
  }));
  const entry = newEntry(definition, identity(id), fields, mine, options.time);
  return withEntries(pruned as KubeObject, [...left, entry]);
}

function identity({ manager, operation, subresource }: ManagerId): ManagerId {
  return { manager, operation, subresource };
}

/** Takes away what the applier set before and sets no more, where nobody else owns it. */
function prune(
  definition: KindDefinition,
  merged: unknown,
  mine: ManagerEntry | undefined,
  fields: Fields,
  others: readonly ManagerEntry[],
): unknown {
  if (!mine) return merged;
  const everyone = others.reduce((all, entry) => union(all, entry.fields), fields);
  const { schema } = definition;
  const gone = difference(
    withNamedContainers(mine.fields, schema),
    withNamedContainers(everyone, schema),
  );
  return removeFields(merged, gone, schema);
}

function checkConflicts(others: readonly ManagerEntry[], changed: Fields, force: boolean): void {
  if (force) return;
  const causes = others.flatMap((entry) => {
    const contested = intersection(entry.fields, changed ?? NO_FIELDS);
    if (isEmpty(contested)) return [];
    return memberPaths(contested).map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describedManager(entry)}`,
      field,
    }));
  });
  if (causes.length === 0) return;
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  const list = causes.map(({ message, field }) => `${message}: ${field}`).join(', ');
  throw new Refusal(failure(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes }));
}

/** apimachinery managedfields/internal/conflict.go: of an applier, its name says enough. */
function describedManager(entry: ManagerEntry): string {
  const { manager, subresource, operation, apiVersion } = entry;
  const part = subresource === '' ? '' : ` with subresource "${subresource}"`;
  const how = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `"${manager}"${part}${how}`;
}
