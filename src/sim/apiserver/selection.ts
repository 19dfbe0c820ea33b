/** Which objects of a collection a list or watch is about. */

import { parseFieldSelector } from './field-selector.ts';
import { type ObjectTest, parseLabelSelector } from './label-selector.ts';
import type { Query } from './requests/write-options.ts';
import type { Target } from './routes.ts';

export interface Selection {
  readonly namespace: string | undefined;
  /** The only name that can match, where there is one. */
  readonly name: string | undefined;
  /** Undefined where all objects of the namespace are meant. */
  readonly test: ObjectTest | undefined;
}

/** Refuses selectors that cannot be understood: 400. */
export function selectionOf(target: Target, query: Query | undefined): Selection {
  const labels = parseLabelSelector(query?.['labelSelector']);
  const fields = parseFieldSelector(query?.['fieldSelector'], target.definition);
  return { namespace: target.namespace, name: fields?.name, test: both(labels, fields?.test) };
}

function both(a: ObjectTest | undefined, b: ObjectTest | undefined): ObjectTest | undefined {
  if (!a || !b) return a ?? b;
  return (object) => a(object) && b(object);
}
