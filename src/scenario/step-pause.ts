/** `pause`: nothing happens for a while. */

import { z } from 'zod';
import { period } from '../core/values.ts';
import type { PauseStep } from './scenario.ts';
import { name } from './step-fields.ts';
import { CREATES_NOTHING, defineStep } from './step-kind.ts';

export const pause = defineStep({
  schema: z.union([period, z.strictObject({ name: name.optional(), duration: period })]),
  name: () => 'pause',
  resolve: (document, place): PauseStep => {
    const durationUs = typeof document === 'number' ? document : document.duration;
    return { kind: 'pause', name: place.name, durationUs };
  },
  ...CREATES_NOTHING,
});
