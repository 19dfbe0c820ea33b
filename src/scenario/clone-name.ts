/** Names of clones: deterministic, so that a request can be repeated. */

import type { CloneSource } from './scenario.ts';

/** Name of the DataVolume of clone `index`, counted from 1 over all steps. */
export function cloneName(image: string, source: CloneSource, index: number): string {
  return `${image}-from-${source}-${index}`;
}
