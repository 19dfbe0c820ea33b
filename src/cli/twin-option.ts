/** `--twin FILE`: the constants that bench calibrate found, wherever something is simulated. */

import { UsageError } from '../core/usage-error.ts';
import type { Parsed } from '../scenario/parse.ts';
import type { Problem } from '../scenario/problem.ts';
import { loadTwin, twinOverrides } from '../scenario/twin.ts';
import { once } from './options.ts';

export const TWIN = {
  type: 'string',
  describe: 'Simulate the cluster of this file, which bench calibrate wrote',
  coerce: once('twin'),
} as const;

/** Throws UsageError where a cluster is named beside it. */
export function refuseTwin(twin: string | undefined, choice: unknown): void {
  if (twin === undefined || choice === undefined) return;
  throw new UsageError('--twin is a simulated cluster: leave out the one that is named');
}

type Parse = (overrides: readonly string[]) => Parsed;

/** What `parse` makes of the overrides, on the twin where one is named; what the user sets wins. */
export function parseOnTwin(
  parse: Parse,
  overrides: readonly string[],
  twin: string | undefined,
): Parsed {
  if (twin === undefined) return parse(overrides);
  const all = overridesOnTwin(parse, overrides, twin);
  return 'problems' in all ? all : parse(all.overrides);
}

/** The fields of the twin as far as the scenario has them, then the user's own. */
export function overridesOnTwin(
  parse: Parse,
  overrides: readonly string[],
  twin: string,
): { readonly overrides: readonly string[] } | { readonly problems: readonly Problem[] } {
  const asked = parse(overrides);
  if (!('scenario' in asked)) return asked;
  const loaded = loadTwin(twin);
  if ('problems' in loaded) return loaded;
  const images = asked.scenario.images.map(({ key }) => key);
  return { overrides: [...twinOverrides(loaded, images), ...overrides] };
}
