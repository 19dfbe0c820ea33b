/**
 * The structural schema of a CustomResourceDefinition (apiextensions JSONSchemaProps) as the
 * server's own Schema: types, limits, defaults, pruning, list types, alternatives. What is not
 * read, and so never refuses anything: rules in CEL.
 */

import type { StatusCause } from '../core/refusal.ts';
import { fieldInvalid, fieldRequired } from '../core/refusal.ts';
import { patternFault } from '../schema/limits.ts';
import { OBJECT_META } from '../schema/metadata.ts';
import type {
  Alternative,
  Combined,
  Limits,
  ObjectSchema,
  ScalarSchema,
  Schema,
} from '../schema/schema.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The whole object; its metadata is the server's own business. */
export function rootSchema(props: unknown): ObjectSchema {
  const root = parseSchema(isTree(props) ? { type: 'object', ...props } : { type: 'object' });
  const properties = root.type === 'object' ? root.properties : {};
  return {
    ...(root as ObjectSchema),
    type: 'object',
    properties: { apiVersion: TEXT, kind: TEXT, ...properties, metadata: OBJECT_META },
    ...(root.type === 'object' ? {} : { open: true }),
  };
}

/** What makes a schema no structural one (apiserver/schema/validation.go, its first rules). */
export function structuralCauses(props: unknown, path: string): readonly StatusCause[] {
  if (!isTree(props)) return [fieldRequired(path, 'schemas are required')];
  const untyped =
    props['type'] === undefined &&
    props['x-kubernetes-int-or-string'] !== true &&
    props['x-kubernetes-preserve-unknown-fields'] !== true;
  const causes = untyped ? [fieldRequired(`${path}.type`, UNTYPED)] : [];
  if (props['type'] !== undefined && !TYPES.includes(props['type'] as string)) {
    causes.push(fieldInvalid(`${path}.type`, props['type'], `must be one of ${TYPES.join(', ')}`));
  }
  causes.push(...patternCauses(props, path));
  const below = isTree(props['properties']) ? Object.entries(props['properties']) : [];
  for (const [key, inner] of below) {
    causes.push(...structuralCauses(inner, `${path}.properties[${key}]`));
  }
  if (isTree(props['items'])) causes.push(...structuralCauses(props['items'], `${path}.items`));
  if (isTree(props['additionalProperties'])) {
    causes.push(...structuralCauses(props['additionalProperties'], `${path}.additionalProperties`));
  }
  return causes;
}

/** Of the schema itself, and of what has no types of its own in it. */
function patternCauses(props: Tree, path: string): readonly StatusCause[] {
  const pattern = props['pattern'];
  const fault = typeof pattern === 'string' ? patternFault(pattern) : undefined;
  const detail = `must be a valid regular expression, but isn't: ${fault}`;
  const own = fault === undefined ? [] : [fieldInvalid(`${path}.pattern`, pattern, detail)];
  return [...own, ...alternatives(props, path).flatMap(([at, each]) => patternCauses(each, at))];
}

function alternatives(props: Tree, path: string): readonly (readonly [string, Tree])[] {
  const listed = COMBINING.flatMap((word) => {
    const each: unknown = props[word];
    return Array.isArray(each)
      ? each.map((inner, i) => [`${path}.${word}[${i}]`, inner] as const)
      : [];
  });
  return [...listed, [`${path}.not`, props['not']] as const].flatMap(([at, inner]) =>
    isTree(inner) ? [[at, inner] as const] : [],
  );
}

const COMBINING = ['allOf', 'anyOf', 'oneOf'] as const;

const UNTYPED = 'must not be empty for specified object fields';
const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean'];
const TEXT: Schema = { type: 'string' };
const ANY: Schema = { type: 'any' };

function parseSchema(props: unknown): Schema {
  if (!isTree(props)) return ANY;
  const { description, nullable, default: fallback } = props;
  return {
    ...bareSchema(props),
    ...(typeof description === 'string' ? { description } : {}),
    ...(nullable === true ? { nullable } : {}),
    ...(fallback === undefined || fallback === null ? {} : { default: fallback }),
    ...parseCombined(props),
  };
}

function parseCombined(props: Tree): { readonly combined?: Combined } {
  const lists = COMBINING.flatMap((key) => {
    const alternatives = props[key];
    return Array.isArray(alternatives) ? [[key, alternatives.map(parseAlternative)] as const] : [];
  });
  const not = isTree(props['not']) ? { not: parseAlternative(props['not']) } : {};
  const combined: Combined = { ...Object.fromEntries(lists), ...not };
  return Object.keys(combined).length > 0 ? { combined } : {};
}

function parseAlternative(props: unknown): Alternative {
  if (!isTree(props)) return {};
  const { type, properties, required, items, enum: values } = props;
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(isTree(properties) ? { properties: mapValues(properties, parseAlternative) } : {}),
    ...(Array.isArray(required) ? { required: required as readonly string[] } : {}),
    ...(isTree(items) ? { items: parseAlternative(items) } : {}),
    ...(Array.isArray(values) ? { values } : {}),
    ...parseLimits(props),
    ...parseCombined(props),
  };
}

function bareSchema(props: Tree): Schema {
  if (props['x-kubernetes-int-or-string'] === true) return { type: 'quantity' };
  switch (props['type']) {
    case 'object':
      return objectSchema(props);
    case 'array':
      return listSchema(props);
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return scalarSchema(props, props['type']);
    default:
      return ANY;
  }
}

function objectSchema(props: Tree): Schema {
  const { properties, required, additionalProperties } = props;
  const atomic = props['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {};
  if (additionalProperties !== undefined && additionalProperties !== false && !properties) {
    return { type: 'map', values: parseSchema(additionalProperties), ...atomic };
  }
  const embedded = props['x-kubernetes-embedded-resource'] === true;
  return {
    type: 'object',
    properties: {
      ...(embedded ? { apiVersion: TEXT, kind: TEXT, metadata: OBJECT_META } : {}),
      ...mapValues(isTree(properties) ? properties : {}, parseSchema),
    },
    ...(Array.isArray(required) ? { required: required as readonly string[] } : {}),
    ...(props['x-kubernetes-preserve-unknown-fields'] === true ? { open: true } : {}),
    ...atomic,
  };
}

function listSchema(props: Tree): Schema {
  const listType = props['x-kubernetes-list-type'];
  const keys = props['x-kubernetes-list-map-keys'];
  return {
    type: 'list',
    items: parseSchema(props['items']),
    listType: listType === 'map' || listType === 'set' ? listType : 'atomic',
    ...(Array.isArray(keys) ? { keys: keys as readonly string[] } : {}),
    ...parseLimits(props),
  };
}

function scalarSchema(props: Tree, type: ScalarSchema['type']): Schema {
  const values = props['enum'];
  return {
    type,
    ...(Array.isArray(values) ? { enum: values as readonly string[] } : {}),
    ...(props['format'] === 'date-time' ? { format: 'date-time' } : {}),
    ...parseLimits(props),
  };
}

const NUMBERS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

function parseLimits(props: Tree): { readonly limits?: Limits } {
  const numbers = NUMBERS.filter((key) => typeof props[key] === 'number').map((key) => [
    key,
    props[key] as number,
  ]);
  const pattern = typeof props['pattern'] === 'string' ? { pattern: props['pattern'] } : {};
  const limits: Limits = { ...(Object.fromEntries(numbers) as Limits), ...pattern };
  return Object.keys(limits).length > 0 ? { limits } : {};
}

function mapValues<T>(tree: Tree, change: (value: unknown) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, change(value)]));
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
