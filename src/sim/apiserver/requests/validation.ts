/**
 * A body held against the schema of its kind before anything is done with it. What is refused, and
 * in which words, differs between built-in kinds (the decoder: 400) and custom ones (422).
 */

import type { KubeObject } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { badRequest, invalid } from '../refusal.ts';
import { holdAgainst } from '../schema/validate.ts';
import type { Target } from '../routes.ts';
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
  const [cause] = causes;
  if (cause) {
    if (custom) throw invalid(resource, object.metadata.name ?? '', causes);
    throw badRequest(`${cannot}${cause.field}: ${cause.message}`);
  }
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
