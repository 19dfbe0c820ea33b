/** Which objects of a collection a list or watch is about. */

import type { KubeObject } from '../../../api/object.ts';
import { parseFieldSelector } from './field-selector.ts';
import { type ObjectTest, parseLabelSelector } from './label-selector.ts';
import type { Query } from '../core/query.ts';
import type { Target } from './routes.ts';

export interface Selection {
  readonly namespace: string | undefined;
  /** The only name that can match, where there is one. */
  readonly name: string | undefined;
  /** Undefined where all objects of the namespace are meant. */
  readonly test: ObjectTest | undefined;
}

/** Refuses selectors that cannot be understood: 400. */
export function makeSelection(target: Target, query: Query | undefined): Selection {
  const labels = parseLabelSelector(query?.['labelSelector']);
  const fields = parseFieldSelector(query?.['fieldSelector'], target.definition);
  const { namespace, name } = target;
  // A watch may name its object in the path.
  const named =
    name === undefined ? undefined : (object: KubeObject) => object.metadata.name === name;
  const test = both(both(labels, fields?.test), named);
  return { namespace, name: fields?.name ?? name, test };
}

function both(a: ObjectTest | undefined, b: ObjectTest | undefined): ObjectTest | undefined {
  if (!a || !b) return a ?? b;
  return (object) => a(object) && b(object);
}
