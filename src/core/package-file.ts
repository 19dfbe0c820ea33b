/** Files that stand beside the code in the package: above it, wherever that was built to. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invariant } from './assert.ts';

/** The path of `name`, as in `scenarios` or `src/report/html/page.css`. */
export function packageFile(name: string): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const file = new URL(name, folder);
    if (existsSync(file)) return fileURLToPath(file);
    invariant(folder.pathname !== '/', `${name} is not part of this installation`);
  }
}
