/** The shipped lab, made small: six workers instead of 108. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { ROOT } from './sources.ts';

export const WORKERS = 6;

/** With `more` under `simulation:`, and replacements in the text. */
export function smallLab(
  more: string = '',
  replacements: readonly (readonly [string, string])[] = [],
): Scenario {
  const path = join(ROOT, 'scenarios/lab-odf.yaml');
  const shipped = readFileSync(path, 'utf8');
  const changes = [
    ['&workers 108', `&workers ${WORKERS}`],
    ['count: 36', `count: ${WORKERS / 3}`],
    ...replacements,
  ] as const;
  const text = changes.reduce((sum, [from, to]) => {
    if (!sum.includes(from)) throw new Error(`no ${from} in ${path}`);
    return sum.replaceAll(from, to);
  }, shipped);
  const parsed = parseScenario(`${text}  nodes: { count: ${WORKERS} }\n${more}`, path);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.scenario;
}
