/** Files that are there whole or not at all, whoever is killed while writing them. */

import { renameSync, writeFileSync } from 'node:fs';

/** Throws what the file system throws; the file before is then still there. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
