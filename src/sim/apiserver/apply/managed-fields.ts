/**
 * Who set which fields: the managedFields of an object, kept up to date by every write of a client
 * that names itself (apimachinery managedfields, structured-merge-diff merge/update.go).
 */

import type { KubeObject } from '../../../api/object.ts';
import { sameJson } from '../../../core/json.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { formatApiVersion } from '../registry/registry.ts';
import { difference, type Fields, isEmpty, NO_FIELDS, union, without } from './fields.ts';
import { compareTyped, collectFields } from './typed.ts';

export interface ManagerEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource: string;
  readonly fields: Fields;
}

export type ManagerId = Pick<ManagerEntry, 'manager' | 'operation' | 'subresource'>;

/** The object with the fields it changed credited to the writer. */
export function creditUpdate(
  definition: KindDefinition,
  before: KubeObject | undefined,
  now: KubeObject,
  writer: Pick<ManagerId, 'manager' | 'subresource'>,
  time: string,
): KubeObject {
  const id: ManagerId = { ...writer, operation: 'Update' };
  const empty = { metadata: {} };
  const changes = compareTyped(before ?? empty, now, definition.schema);
  const changed = owned(definition, id, union(changes.added, changes.modified));
  const touched = union(changed, changes.removed);
  // An update carries the account along, and may have rewritten it.
  const entries = readEntries(before && now);
  const others = entries
    .filter((entry) => !isEntry(entry, id))
    .map((entry) => ({ ...entry, fields: difference(entry.fields, touched) }));
  const mine = entries.find((entry) => isEntry(entry, id));
  const fields = union(difference(mine?.fields ?? NO_FIELDS, changes.removed), changed);
  const entry = newEntry(definition, id, fields, mine, time);
  return withEntries(now, [...others, entry]);
}

/** What a writer can own of an object: no identity, no bookkeeping, no part it cannot write. */
function owned(
  definition: KindDefinition,
  { subresource }: Pick<ManagerId, 'subresource'>,
  fields: Fields,
): Fields {
  const top = ['f:apiVersion', 'f:kind'];
  if (subresource === 'status') top.push('f:spec');
  else if (definition.statusSubresource) top.push('f:status');
  return without(fields, top, UNOWNED_METADATA);
}

const UNOWNED_METADATA = [
  'f:name',
  'f:namespace',
  'f:uid',
  'f:resourceVersion',
  'f:generation',
  'f:creationTimestamp',
  'f:deletionTimestamp',
  'f:deletionGracePeriodSeconds',
  'f:selfLink',
  'f:managedFields',
];

/** All fields of an object that a writer can own. */
export function collectOwnedFields(
  definition: KindDefinition,
  id: Pick<ManagerId, 'subresource'>,
  object: unknown,
): Fields {
  return owned(definition, id, collectFields(object, definition.schema));
}

export function isEntry(entry: ManagerEntry, id: ManagerId): boolean {
  return (
    entry.manager === id.manager &&
    entry.operation === id.operation &&
    entry.subresource === id.subresource
  );
}

/** The entry with these fields; its time moves only where they differ. */
export function newEntry(
  definition: KindDefinition,
  id: ManagerId,
  fields: Fields,
  before: ManagerEntry | undefined,
  time: string,
): ManagerEntry {
  if (before && sameJson(before.fields, fields)) return before;
  return { ...id, apiVersion: formatApiVersion(definition.resource), time, fields };
}

export function readEntries(object: KubeObject | undefined): readonly ManagerEntry[] {
  const written = (object?.metadata.managedFields ?? []) as readonly (WrittenEntry | null)[];
  return written.filter(isWritten).map((entry) => ({
    manager: entry.manager ?? 'unknown',
    operation: entry.operation ?? 'Update',
    apiVersion: entry.apiVersion ?? '',
    time: entry.time ?? '',
    subresource: entry.subresource ?? '',
    fields: entry.fieldsV1 ?? NO_FIELDS,
  }));
}

interface WrittenEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Fields;
  readonly subresource?: string;
}

function isWritten(entry: WrittenEntry | null): entry is WrittenEntry {
  return entry !== null && typeof entry === 'object';
}

/** The object with these entries; none that owns nothing, in the order of Kubernetes. */
export function withEntries(object: KubeObject, entries: readonly ManagerEntry[]): KubeObject {
  const kept = entries.filter(({ fields }) => !isEmpty(fields)).sort(inOrder);
  const { managedFields: _, ...metadata } = object.metadata;
  if (kept.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: kept.map(writtenEntry) } };
}

function writtenEntry(entry: ManagerEntry): WrittenEntry {
  return {
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    time: entry.time,
    fieldsType: 'FieldsV1',
    fieldsV1: entry.fields,
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  };
}

/** Appliers first, then by time, then by name. */
function inOrder(a: ManagerEntry, b: ManagerEntry): number {
  if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1;
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.manager < b.manager ? -1 : Number(a.manager > b.manager);
}
