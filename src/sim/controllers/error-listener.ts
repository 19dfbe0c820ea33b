/** What is told of steps of controllers that failed, and what ends the cluster. */

import { BrokenInvariant } from '../../core/assert.ts';
import type { Kernel } from '../kernel/kernel.ts';

interface Listeners {
  readonly onControllerError?: (error: unknown, where: string) => void;
  readonly onDefect?: (error: unknown, where: string) => void;
}

export function errorListener(config: Listeners, kernel: Pick<Kernel, 'crash'>) {
  return (error: unknown, where: string) => {
    // A refused request or a failed volume operation is tried again; a defect would be for ever.
    if (!isDefect(error)) config.onControllerError?.(error, where);
    else if (config.onDefect) config.onDefect(error, where);
    else kernel.crash(new BrokenInvariant(`${where}: ${describe(error)}`));
  };
}

const DEFECTS = [BrokenInvariant, TypeError, RangeError, ReferenceError];

function isDefect(error: unknown): boolean {
  return DEFECTS.some((kind) => error instanceof kind);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
