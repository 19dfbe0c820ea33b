/** Answers and watch events in the shape that the client asked for. */

import type { KubeList, KubeObject } from '../../../api/object.ts';
import type { WatchEvent } from '../../../api/transport.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { type TableOptions, toPartial, toPartialList, toTable } from '../table/table.ts';
import type { Shape } from './accept.ts';

export interface ShapeOptions {
  readonly includeObject: TableOptions['includeObject'];
  readonly nowUnixUs: number;
}

/** A body as the client wants it; a Status and what is no object of the kind stay as they are. */
export function shapedBody(
  body: unknown,
  definition: KindDefinition,
  shape: Shape,
  options: ShapeOptions,
): unknown {
  if (shape.kind === 'plain' || shape.kind === 'discovery') return body;
  const { kind } = definition.resource;
  const found = body as Partial<KubeList & KubeObject> | undefined;
  if (found?.kind === `${kind}List`) {
    const list = body as KubeList;
    if (shape.kind === 'table')
      return makeTable(list.items, list.metadata, definition, shape, options);
    return toPartialList(list, shape.apiVersion);
  }
  if (found?.kind !== kind) return body;
  const object = body as KubeObject;
  if (shape.kind !== 'table') return toPartial(object, shape.apiVersion);
  return makeTable([object], makeListMetadata(object), definition, shape, options);
}

/** A function for the events of one watch: a table names its columns in the first event only. */
export function eventShaper(
  definition: KindDefinition,
  shape: Shape,
  includeObject: TableOptions['includeObject'],
  nowUnixUs: () => number,
): ((event: WatchEvent) => WatchEvent) | undefined {
  if (shape.kind === 'plain' || shape.kind === 'discovery') return undefined;
  let first = true;
  return (event) => {
    if (event.type === 'ERROR') return event;
    if (shape.kind !== 'table') {
      return { type: event.type, object: toPartial(event.object, shape.apiVersion) };
    }
    const rows = event.type === 'BOOKMARK' ? [] : [event.object];
    const metadata = makeListMetadata(event.object);
    const table = toTable(definition.columns, rows, metadata, {
      includeObject,
      withColumns: first,
      nowUnixUs: nowUnixUs(),
      apiVersion: shape.apiVersion,
    });
    first = false;
    return { type: event.type, object: table as unknown as KubeObject };
  };
}

function makeTable(
  objects: readonly KubeObject[],
  metadata: KubeList['metadata'],
  definition: KindDefinition,
  { apiVersion }: Shape & { readonly apiVersion: string },
  options: ShapeOptions,
): unknown {
  return toTable(definition.columns, objects, metadata, {
    ...options,
    withColumns: true,
    apiVersion,
  });
}

function makeListMetadata({ metadata }: KubeObject): KubeList['metadata'] {
  const { resourceVersion, annotations } = metadata;
  return {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(annotations?.['k8s.io/initial-events-end'] ? { annotations } : {}),
  };
}
