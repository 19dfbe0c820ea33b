/** Objects as rows: what kubectl asks for to print a table (meta/v1 Table). */

import type { KubeList, KubeObject } from '../../../api/object.ts';
import type { Column } from './column.ts';

export interface TableOptions {
  /** What of the object goes with each row. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** Left out of all but the first event of a watch. */
  readonly withColumns: boolean;
  readonly nowUnixUs: number;
  /** `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly apiVersion: string;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: KubeList['metadata'];
  readonly columnDefinitions: readonly unknown[];
  readonly rows: readonly unknown[];
}

/** The rows of longer tables are made when they are written, piece by piece. */
const EAGER_ROWS_MAX = 1000;

export function toTable(
  columns: readonly Column[],
  objects: readonly KubeObject[],
  metadata: KubeList['metadata'],
  options: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata,
    columnDefinitions: options.withColumns ? columns.map(describeColumn) : [],
    rows: objects.map(
      objects.length > EAGER_ROWS_MAX
        ? (object) => ({ toJSON: () => makeRow(columns, object, options) })
        : (object) => makeRow(columns, object, options),
    ),
  };
}

function makeRow(columns: readonly Column[], object: KubeObject, options: TableOptions): unknown {
  const cells = columns.map((column) => formatCell(column, object, options.nowUnixUs));
  switch (options.includeObject) {
    case 'None':
      return { cells };
    case 'Object':
      return { cells, object };
    case 'Metadata':
      return { cells, object: toPartial(object, options.apiVersion) };
  }
}

/** Columns expect what their kinds look like; an odd object has an empty cell, not no table. */
function formatCell(column: Column, object: KubeObject, nowUnixUs: number): unknown {
  try {
    return column.cell(object, nowUnixUs);
  } catch {
    return null;
  }
}

/** Only identity and metadata, as metadata informers and the garbage collector read. */
export function toPartial(object: KubeObject, apiVersion: string): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}

export function toPartialList(list: KubeList, apiVersion: string): KubeList {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion,
    metadata: list.metadata,
    items: list.items.map((object) => toPartial(object, apiVersion)),
  };
}

function describeColumn({ name, type, format, description, priority }: Column): unknown {
  return { name, type, format: format ?? '', description, priority };
}
