/** The scenario of a recorded run, as its manifest kept it. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { HIDDEN } from '../core/secrets.ts';
import { UsageError } from '../core/usage-error.ts';
import type { Manifest } from '../record/manifest.ts';
import { reloadScenario } from '../scenario/load.ts';
import { formatProblem } from '../scenario/problem.ts';
import { scenarioHash } from '../scenario/scenario-hash.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Files that it names must not have changed since. Throws UsageError. */
export function restoreScenario({ scenario }: Manifest): Scenario {
  const { path, overrides, hash } = scenario;
  const text = restoreText(scenario);
  if (overrides.some((override) => override.includes(HIDDEN))) {
    throw new UsageError('a --set of the run holds a secret, which is not recorded: run anew');
  }
  const parsed = reloadScenario(text, path, overrides);
  if (!('scenario' in parsed)) {
    const problems = parsed.problems.map((problem) => formatProblem(problem)).join('\n');
    throw new UsageError(`the run's scenario cannot be read any more:\n${problems}`);
  }
  if (hash !== undefined && scenarioHash(parsed.scenario) !== hash) {
    throw new UsageError('a template of the run has changed since: put it back, or run anew');
  }
  return parsed.scenario;
}

/** A text with secrets is not recorded: then the file itself must still be as it was. */
function restoreText({ text, path, sha256 }: Manifest['scenario']): string {
  const digest = (content: string) => createHash('sha256').update(content).digest('hex');
  if (sha256 === undefined || digest(text) === sha256) return text;
  const isThere = existsSync(path) && digest(readFileSync(path, 'utf8')) === sha256;
  if (isThere) return readFileSync(path, 'utf8');
  throw new UsageError(
    `the scenario holds secrets, which are not recorded: put ${path} back as it was, and resume`,
  );
}
