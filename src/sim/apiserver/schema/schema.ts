/**
 * What the fields of a kind are: for `kubectl explain`, for strict validation, and for the merging
 * of server-side apply. A subtree that is not described (`any`, or an open object) keeps whatever
 * it is given; a list that is not described is one value.
 */

export type Schema =
  | ScalarSchema
  | ObjectSchema
  | MapSchema
  | ListSchema
  /** Not described: objects merge by key, lists are replaced. */
  | ({ readonly type: 'any' } & AnyValue);

interface AnyValue {
  readonly description?: string;
  /** Whether null is a value like others; elsewhere it is left out. */
  readonly nullable?: boolean;
  /** What stands for a missing member. */
  readonly default?: unknown;
  readonly combined?: Combined;
}

/** Schemas that have to hold together, or in place of each other. */
export interface Combined {
  readonly allOf?: readonly Alternative[];
  readonly anyOf?: readonly Alternative[];
  readonly oneOf?: readonly Alternative[];
  readonly not?: Alternative;
}

/** What only refuses values: it neither describes nor prunes. */
export interface Alternative {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Alternative>>;
  readonly required?: readonly string[];
  readonly items?: Alternative;
  readonly values?: readonly unknown[];
  readonly limits?: Limits;
  readonly combined?: Combined;
}

/** As in JSON Schema. */
export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ScalarSchema extends AnyValue {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'quantity';
  readonly enum?: readonly string[];
  readonly format?: 'date-time' | 'byte';
  readonly limits?: Limits;
}

export interface ObjectSchema extends AnyValue {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Other properties are kept, undescribed. */
  readonly open?: boolean;
  /** Owned and replaced as one value. */
  readonly atomic?: boolean;
}

export interface MapSchema extends AnyValue {
  readonly type: 'map';
  readonly values: Schema;
  readonly atomic?: boolean;
}

export interface ListSchema extends AnyValue {
  readonly type: 'list';
  readonly limits?: Limits;
  readonly items: Schema;
  /** `map`: items are known by their keys; `set`: by their value; `atomic`: one value. */
  readonly listType: 'atomic' | 'set' | 'map';
  readonly keys?: readonly string[];
  /** By which a strategic merge patch knows items; absent where it replaces the list. */
  readonly mergeKey?: string;
}

const ANY: Schema = { type: 'any' };

export function str(description: string, values?: readonly string[]): Schema {
  return values ? { type: 'string', description, enum: values } : { type: 'string', description };
}

export function time(description: string): Schema {
  return { type: 'string', format: 'date-time', description };
}

export function int(description: string): Schema {
  return { type: 'integer', description };
}

export function bool(description: string): Schema {
  return { type: 'boolean', description };
}

/** A quantity, or anything else that may be a number or a text. */
export function quantity(description: string): Schema {
  return { type: 'quantity', description };
}

/** An object whose members nobody describes. */
export function opaque(description: string): Schema {
  return { type: 'object', description, properties: {}, open: true };
}

export function object(
  description: string,
  properties: Readonly<Record<string, Schema>>,
  options: Pick<ObjectSchema, 'required' | 'open' | 'atomic'> = {},
): ObjectSchema {
  return { type: 'object', description, properties, ...options };
}

/** An object of which nothing but its presence matters, such as `bios: {}`. */
export function empty(description: string): Schema {
  return opaque(description);
}

export function mapSchema(
  description: string,
  values: Schema,
  options: Pick<MapSchema, 'atomic'> = {},
): Schema {
  return { type: 'map', description, values, ...options };
}

/** A list that is one value. */
export function list(description: string, items: Schema): Schema {
  return { type: 'list', description, items, listType: 'atomic' };
}

/** A list of distinct scalars that strategic merge and apply add to. */
export function setSchema(description: string, items: Schema): Schema {
  return { type: 'list', description, items, listType: 'set', mergeKey: '' };
}

/** A list whose items are known by `keys`; the first is the strategic merge key. */
export function keyedList(description: string, items: Schema, keys: readonly string[]): Schema {
  return { type: 'list', description, items, listType: 'map', keys, mergeKey: keys[0] ?? '' };
}

/** The schema of a member; `any` where it is not described. */
export function memberSchema(schema: Schema, key: string): Schema {
  // A member may be called `constructor`: what objects inherit describes nothing.
  if (schema.type === 'object') {
    return (Object.hasOwn(schema.properties, key) && schema.properties[key]) || ANY;
  }
  return schema.type === 'map' ? schema.values : ANY;
}

/** Whether the value is owned and replaced whole. */
export function isAtomic(schema: Schema, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return schema.type !== 'list' || schema.listType === 'atomic';
  return (schema.type === 'object' || schema.type === 'map') && schema.atomic === true;
}
