/** Columns of `kubectl get`: by JSONPath as in a custom resource, or by a function. */

import type { KubeObject } from '../../../api/object.ts';
import { formatAge } from './human-duration.ts';
import { compileJsonPath } from './json-path.ts';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly format?: 'name';
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  /** Where the column is one of a CustomResourceDefinition. */
  readonly jsonPath?: string;
  /** The value of a cell: a string, a number, a boolean, or null. */
  cell(object: KubeObject, nowUnixUs: number): unknown;
}

export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

/** The age as a core kind shows it. */
export const AGE_COLUMN: Column = {
  name: 'Age',
  type: 'string',
  description: 'The time since this object was created.',
  priority: 0,
  cell: (object, nowUnixUs) => formatAge(object.metadata.creationTimestamp, nowUnixUs),
};

/** A column of a core kind. */
export function column(
  name: string,
  cell: Column['cell'],
  options: { readonly type?: ColumnType; readonly wide?: boolean } = {},
): Column {
  const { type = 'string', wide = false } = options;
  return { name, type, description: `${name} of the object.`, priority: wide ? 1 : 0, cell };
}

/** A printer column of a custom kind. */
export function printerColumn(
  name: string,
  jsonPath: string,
  options: {
    readonly type?: ColumnType;
    readonly wide?: boolean;
    readonly description?: string;
  } = {},
): Column {
  const { type = 'string', wide = false } = options;
  const path = compileJsonPath(jsonPath);
  const fallback = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return {
    name,
    type,
    description: options.description ?? fallback,
    priority: wide ? 1 : 0,
    jsonPath,
    cell: (object, nowUnixUs) => printed(type, path(object), nowUnixUs),
  };
}

/** The age column of a custom kind. */
export const PRINTED_AGE = printerColumn('Age', '.metadata.creationTimestamp', { type: 'date' });

/** apiextensions-apiserver tableconvertor.go: a value of another type shows as nothing. */
function printed(type: ColumnType, value: unknown, nowUnixUs: number): unknown {
  if (value === undefined) return null;
  switch (type) {
    case 'date':
      return formatAge(value, nowUnixUs);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value as string);
  }
}
