/** What things are called in figures, and which colour, dash and marker each has throughout. */

import type { RunStep } from '../../record/run.ts';
import { type Identity, pickIdentity } from '../chart/theme.ts';

export interface Names {
  /** How many images (or templates) are cloned by steps that only clone. */
  readonly clonedImages: number;
  imageIdentity(image: string): Identity;
  sourceIdentity(source: string): Identity;
}

export function listNames(steps: readonly RunStep[]): Names {
  const variants = steps.flatMap((step) => step.variants.map((variant) => ({ step, ...variant })));
  const images = [...new Set(variants.flatMap(({ image, template }) => image ?? template ?? []))];
  const sources = [...new Set(variants.flatMap(({ source }) => source ?? []))];
  const cloned = new Set(
    variants
      .filter(({ step }) => step.kind === 'clone')
      .map(({ step, image }) => `${step.index}/${image}`),
  );
  return {
    clonedImages: cloned.size,
    imageIdentity: (image) => pickIdentity(image, Math.max(0, images.indexOf(image))),
    sourceIdentity: (source) => pickIdentity(source, Math.max(0, sources.indexOf(source))),
  };
}
