/** Values beyond the limits of their schema, in the words of kube-openapi's validation. */

import { RE2JS } from 're2js';
import type { StatusCause } from '../core/refusal.ts';
import type { Limits } from './schema.ts';

export function limitCauses(
  value: unknown,
  limits: Limits | undefined,
  path: string,
): readonly StatusCause[] {
  if (limits === undefined) return [];
  return checkLimits(value, limits).map((complaint) => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${path} in body should ${complaint}`,
    field: path,
  }));
}

function checkLimits(value: unknown, limits: Limits): readonly string[] {
  if (typeof value === 'number') return numberComplaints(value, limits);
  if (typeof value === 'string') return textComplaints(value, limits);
  return Array.isArray(value) ? listComplaints(value.length, limits) : [];
}

function numberComplaints(value: number, { minimum, maximum }: Limits): readonly string[] {
  return [
    ...(minimum !== undefined && value < minimum ? [`be greater than or equal to ${minimum}`] : []),
    ...(maximum !== undefined && value > maximum ? [`be less than or equal to ${maximum}`] : []),
  ];
}

function textComplaints(value: string, { minLength, maxLength, pattern }: Limits) {
  const length = Array.from(value).length;
  return [
    ...(minLength !== undefined && length < minLength
      ? [`be at least ${minLength} chars long`]
      : []),
    ...(maxLength !== undefined && length > maxLength
      ? [`be at most ${maxLength} chars long`]
      : []),
    ...(pattern !== undefined && !matches(value, pattern) ? [`match '${pattern}'`] : []),
  ];
}

function listComplaints(length: number, { minItems, maxItems }: Limits): readonly string[] {
  return [
    ...(minItems !== undefined && length < minItems ? [`have at least ${minItems} items`] : []),
    ...(maxItems !== undefined && length > maxItems ? [`have at most ${maxItems} items`] : []),
  ];
}

/** Or why Go cannot read the pattern. */
type Compiled = RE2JS | string;

const compiled = new Map<string, Compiled>();

const COMPILED_MAX = 1000;

/** Why Go cannot read a pattern; undefined where it can. */
export function patternFault(pattern: string): string | undefined {
  const read = compile(pattern);
  return typeof read === 'string' ? read : undefined;
}

/**
 * Patterns are those of Go, and take linear time. Definitions with one that Go cannot read are
 * refused; one that was stored before refuses nothing.
 */
function matches(value: string, pattern: string): boolean {
  if (!compiled.has(pattern)) {
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(pattern, compile(pattern));
  }
  const read = compiled.get(pattern);
  return read instanceof RE2JS ? read.matcher(value).find() : true;
}

function compile(pattern: string): Compiled {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
