/** Scenarios that come with bench, so that a name is enough wherever bench was installed. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../core/package-file.ts';
import { UsageError } from '../core/usage-error.ts';

const FOLDER = 'scenarios';
const EXTENSION = '.yaml';

/**
 * The file that `name` means: a file of the user's before one of ours. Throws UsageError where a
 * bare word is neither.
 */
export function findScenario(name: string): string {
  if (existsSync(name) || !/^[\w-]+$/.test(name)) return name;
  const shipped = join(packageFile(FOLDER), `${name}${EXTENSION}`);
  if (existsSync(shipped)) return shipped;
  throw new UsageError(
    `there is no file ${name}, and no scenario of that name: there are ${listShipped().join(', ')}`,
  );
}

function listShipped(): readonly string[] {
  return readdirSync(packageFile(FOLDER))
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}
