/**
 * A body held against the schema of its kind before anything is done with it. What is refused, and
 * in which words, differs: a wrong type is 400 for built-in kinds (the decoder's) and 422 for
 * custom ones.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { badRequest, invalid } from '../core/refusal.ts';
import { holdAgainst } from '../schema/validate.ts';
import type { Target } from '../registry/routes.ts';
import type { WriteOptions } from './write-options.ts';

/** The object as it may go on, without unknown fields. */
export function validated(
  { definition, asked, subresource }: Target,
  object: KubeObject,
  options: WriteOptions,
  source: 'body' | 'patch' | 'applied',
): KubeObject {
  if (options.validation === 'Unchecked') return object;
  const written = writtenPart(definition, subresource, object);
  const partial = source === 'applied' || subresource === 'status';
  const { pruned, unknown, causes } = holdAgainst(written, asked.schema, partial);
  const { resource, custom } = definition;
  const { kind, version } = asked.resource;
  const cannot = `${kind} in version "${version}" cannot be handled as a ${kind}: `;
  // The decoder of a built-in kind gives up at the first wrong type, before anything is checked.
  const type = custom ? undefined : causes.find(({ reason }) => reason === 'FieldValueTypeInvalid');
  if (type) throw badRequest(`${cannot}${type.field}: ${type.message}`);
  if (causes.length > 0) throw invalid(resource, object.metadata.name ?? '', causes);
  const complaints = [
    ...options.duplicates.map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ];
  if (complaints.length > 0 && options.validation === 'Strict') {
    const text = `strict decoding error: ${complaints.join(', ')}`;
    if (source !== 'patch') throw badRequest(cannot + text);
    const field = {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${text}`,
      field: 'patch',
    };
    throw invalid(resource, object.metadata.name, [field]);
  }
  if (options.validation === 'Warn') {
    for (const complaint of complaints) options.warn(complaint);
  }
  return pruned === written ? object : withWritten(object, written, pruned as KubeObject);
}

/** What was left out of the written part is left out of the object. */
function withWritten(object: KubeObject, written: KubeObject, pruned: KubeObject): KubeObject {
  const whole = { ...object, ...pruned };
  for (const key of Object.keys(written) as (keyof KubeObject)[]) {
    if (pruned[key] === undefined) delete (whole as Partial<Record<string, unknown>>)[key];
  }
  return whole;
}

/** What the write will not take needs no check: it may be of controllers that know more. */
function writtenPart(
  definition: KindDefinition,
  subresource: string | undefined,
  object: KubeObject,
): KubeObject {
  if (!definition.statusSubresource) return object;
  const { apiVersion, kind, metadata, status } = object;
  if (subresource === 'status') return { apiVersion, kind, metadata, status };
  const { status: _, ...written } = object;
  return written;
}
