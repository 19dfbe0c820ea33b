/**
 * A body held against the schema of its kind before anything is done with it. What is refused, and
 * in which words, differs between built-in kinds (the decoder: 400) and custom ones (422).
 */

import type { KubeObject } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { badRequest, invalid } from '../refusal.ts';
import { holdAgainst } from '../schema/validate.ts';
import type { WriteOptions } from './write-options.ts';

/** The object as it may go on, without unknown fields. */
export function validated(
  definition: KindDefinition,
  object: KubeObject,
  options: WriteOptions,
  source: 'body' | 'patch',
): KubeObject {
  if (options.validation === 'Unchecked') return object;
  const { pruned, unknown, causes } = holdAgainst(object, definition.schema);
  const { resource, custom } = definition;
  const { kind, version } = resource;
  const cannot = `${kind} in version "${version}" cannot be handled as a ${kind}: `;
  const [cause] = causes;
  if (cause) {
    if (custom) throw invalid(resource, object.metadata.name ?? '', causes);
    throw badRequest(`${cannot}${cause.field}: ${cause.message}`);
  }
  if (unknown.length > 0 && options.validation === 'Strict') {
    const list = unknown.map((path) => `unknown field "${path}"`).join(', ');
    const text = `strict decoding error: ${list}`;
    if (source === 'body') throw badRequest(cannot + text);
    const field = {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${text}`,
      field: 'patch',
    };
    throw invalid(resource, object.metadata.name, [field]);
  }
  if (options.validation === 'Warn') {
    for (const path of unknown) options.warn(`unknown field "${path}"`);
  }
  return pruned as KubeObject;
}
