/**
 * An object held against its schema: fields that nobody knows, values of a wrong type, required
 * fields that are missing. Undescribed subtrees pass as they are.
 */

import { combinedCauses, wrongType } from './combined.ts';
import { limitCauses } from './limits.ts';
import { fieldRequired, type StatusCause } from '../core/refusal.ts';
import { memberSchema, type ObjectSchema, type Schema, type ScalarSchema } from './schema.ts';

export interface Findings {
  /** The object without unknown fields; the same where there are none. */
  readonly pruned: unknown;
  /** Paths such as `spec.template.spec.domain.devices.disks[0].nmae`. */
  readonly unknown: readonly string[];
  readonly causes: readonly StatusCause[];
}

/** `partial`: required fields may be missing, as in what is applied over an object. */
export function holdAgainst(value: unknown, schema: Schema, partial = false): Findings {
  const found: Found = { unknown: [], causes: [], partial };
  const pruned = visit(value, schema, '', found);
  return { pruned, unknown: found.unknown, causes: found.causes };
}

interface Found {
  readonly unknown: string[];
  readonly causes: StatusCause[];
  readonly partial: boolean;
}

function visit(value: unknown, schema: Schema, path: string, found: Found): unknown {
  const { combined } = schema;
  const before = found.causes.length;
  const visited = visitBare(value, schema, path, found);
  // Of a partial object nobody knows what the whole will be.
  if (combined === undefined || value === undefined || found.partial) return visited;
  const mistyped = found.causes[before]?.reason === 'FieldValueTypeInvalid';
  const isOwn = mistyped && found.causes[before]?.field === path;
  // They come before what its members and limits say, but after its type.
  const at = isOwn ? before + 1 : before;
  found.causes.splice(at, 0, ...combinedCauses(visited, combined, path));
  return visited;
}

function visitBare(value: unknown, schema: Schema, path: string, found: Found): unknown {
  if (value === undefined) return value;
  switch (schema.type) {
    case 'any':
      return value;
    case 'object':
      return isTree(value)
        ? visitObject(value, schema, path, found)
        : wrong(value, schema, path, found);
    case 'map':
      return isTree(value)
        ? visitMembers(value, schema, path, found)
        : wrong(value, schema, path, found);
    case 'list':
      if (!Array.isArray(value)) return wrong(value, schema, path, found);
      found.causes.push(...limitCauses(value, schema.limits, path));
      return visitItems(value, schema.items, path, found);
    default:
      return visitScalar(value, schema, path, found);
  }
}

function visitObject(value: Tree, schema: ObjectSchema, path: string, found: Found): unknown {
  for (const key of schema.required ?? []) {
    const present = value[key] !== undefined && value[key] !== null;
    if (!present && !found.partial) found.causes.push(fieldRequired(join(path, key), ''));
  }
  const known = schema.open ? value : withoutUnknown(value, schema, path, found);
  return visitMembers(withDefaults(known, schema), schema, path, found);
}

/** Of a partial object too: what is applied brings its defaults, as in Kubernetes. */
function withDefaults(value: Tree, { properties }: ObjectSchema): Tree {
  let filled: Record<string, unknown> | undefined;
  for (const key in properties) {
    const fallback = properties[key]?.default;
    if (fallback === undefined || (value[key] ?? undefined) !== undefined) continue;
    filled ??= { ...value };
    filled[key] = fallback;
  }
  return filled ?? value;
}

function withoutUnknown(value: Tree, schema: ObjectSchema, path: string, found: Found): Tree {
  const strangers = Object.keys(value).filter((key) => !Object.hasOwn(schema.properties, key));
  if (strangers.length === 0) return value;
  const known: Record<string, unknown> = { ...value };
  for (const key of strangers) {
    if (value[key] !== undefined) found.unknown.push(join(path, key));
    delete known[key];
  }
  return known;
}

function visitMembers(value: Tree, schema: Schema, path: string, found: Found): Tree {
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const described = memberSchema(schema, key);
    // A described null is left out before anything looks at it, as in Kubernetes.
    const isNull = value[key] === null;
    const isVoid = isNull && described.type !== 'any' && described.nullable !== true;
    if (isNull && !isVoid) continue;
    const visited = isVoid ? undefined : visit(value[key], described, join(path, key), found);
    if (visited === value[key]) continue;
    changed ??= { ...value };
    if (visited === undefined) delete changed[key];
    else changed[key] = visited;
  }
  return changed ?? value;
}

function visitItems(value: readonly unknown[], items: Schema, path: string, found: Found): unknown {
  const visited = value.map((item, i) => visit(item, items, `${path}[${i}]`, found));
  return visited.every((item, i) => item === value[i]) ? value : visited;
}

function visitScalar(value: unknown, schema: ScalarSchema, path: string, found: Found): unknown {
  if (!isOfType(value, schema.type)) return wrong(value, schema, path, found);
  found.causes.push(...limitCauses(value, schema.limits, path));
  if (schema.enum && !schema.enum.includes(value as string)) {
    const supported = schema.enum.map((each) => `"${each}"`).join(', ');
    found.causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
      field: path,
    });
  }
  return value;
}

function isOfType(value: unknown, type: ScalarSchema['type']): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number';
    default:
      return typeof value === type;
  }
}

const JSON_TYPE: Readonly<Record<Schema['type'], string>> = {
  any: 'object',
  object: 'object',
  map: 'object',
  list: 'array',
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  quantity: 'integer,string',
};

function wrong(value: unknown, schema: Schema, path: string, found: Found): unknown {
  found.causes.push(wrongType(value, JSON_TYPE[schema.type], path));
  return value;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
