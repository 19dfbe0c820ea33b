/**
 * Content negotiation: in which shape a client wants its answer. kubectl asks for tables, metadata
 * informers for metadata alone, discovery for the aggregated form; all of them can do with plain
 * JSON, which is the only encoding there is.
 */

import { failure } from '../../../api/status.ts';
import { Refusal } from '../core/refusal.ts';

export type Shape =
  | { readonly kind: 'plain' }
  | { readonly kind: 'table' | 'partial' | 'partialList'; readonly apiVersion: string }
  | { readonly kind: 'discovery'; readonly version: 'v2' | 'v2beta1' };

export const PLAIN: Shape = { kind: 'plain' };

const SHAPES: Readonly<Record<string, 'table' | 'partial' | 'partialList'>> = {
  Table: 'table',
  PartialObjectMetadata: 'partial',
  PartialObjectMetadataList: 'partialList',
};

/** The first shape of the Accept header that can be had; refuses where none can: 406. */
export function negotiateShape(accept: string | undefined): Shape {
  if (accept === undefined || accept.trim() === '') return PLAIN;
  for (const clause of accept.split(',')) {
    const shape = shapeOfClause(clause);
    if (shape) return shape;
  }
  const message = 'only the following media types are accepted: application/json';
  throw new Refusal(failure(406, 'NotAcceptable', message));
}

/** The Content-Type of an answer in that shape. */
export function chooseContentType(shape: Shape): string {
  if (shape.kind !== 'discovery') return 'application/json';
  return `application/json;g=apidiscovery.k8s.io;v=${shape.version};as=APIGroupDiscoveryList`;
}

function shapeOfClause(clause: string): Shape | undefined {
  const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined;
  const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]));
  const as = parameters.get('as');
  if (as === undefined) return PLAIN;
  const version = parameters.get('v') ?? '';
  if (as === 'APIGroupDiscoveryList') {
    return version === 'v2' || version === 'v2beta1' ? { kind: 'discovery', version } : undefined;
  }
  const kind = SHAPES[as];
  if (!kind || parameters.get('g') !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  return { kind, apiVersion: `meta.k8s.io/${version}` };
}
