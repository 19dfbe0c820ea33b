/**
 * Field selectors: `=`, `==` and `!=` joined by commas, on the few fields that a kind declares
 * (apimachinery fields/selector.go). Anything else is refused, as a real server does.
 */

import type { KubeObject } from '../../../api/object.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { ObjectTest } from './label-selector.ts';
import { badRequest } from '../core/refusal.ts';

export interface FieldSelector {
  readonly test: ObjectTest;
  /** The name that alone can match, where the selector says so. */
  readonly name: string | undefined;
}

/** Undefined where the text selects everything. Refuses unknown fields: 400. */
export function parseFieldSelector(
  text: string | undefined,
  definition: KindDefinition,
): FieldSelector | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const terms = text.split(',').map((part) => parseTerm(part, text));
  const tests = terms.map((term) => termTest(term, definition));
  const named = terms.find((term) => term.field === 'metadata.name' && term.equal);
  const [only] = tests;
  const test: ObjectTest =
    tests.length === 1 && only ? only : (object) => tests.every((each) => each(object));
  return { test, name: named?.value };
}

interface Term {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

function parseTerm(part: string, whole: string): Term {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
  if (!match) throw badRequest(`invalid selector: '${whole}'; can't understand '${part}'`);
  return {
    field: (match[1] ?? '').trim(),
    equal: match[2] !== '!=',
    value: (match[3] ?? '').replaceAll(/\\([\\,=])/g, '$1'),
  };
}

function termTest({ field, equal, value }: Term, definition: KindDefinition): ObjectTest {
  if (field === 'metadata.name') return (object) => (object.metadata.name === value) === equal;
  if (field === 'metadata.namespace') {
    return (object) => ((object.metadata.namespace ?? '') === value) === equal;
  }
  const path = definition.fields[field];
  if (!path) throw badRequest(unknownField(field, definition));
  return (object) => (textAt(object, path) === value) === equal;
}

/** Kinds without fields of their own share the generic conversion and its words. */
function unknownField(field: string, { custom, fields }: KindDefinition): string {
  if (custom || Object.keys(fields).length > 0) return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function textAt(object: KubeObject, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return '';
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value === undefined || value === null ? '' : String(value as string | number | boolean);
}
