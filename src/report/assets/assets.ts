/**
 * Files that reports carry with them: fonts, the page's style and script. They stand in
 * `src/report` only, beside the code that uses them, wherever that was compiled to.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invariant } from '../../core/assert.ts';

/** `name` as in `html/page.css`. */
export function assetPath(name: string): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const asset = new URL(`src/report/${name}`, folder);
    if (existsSync(asset)) return fileURLToPath(asset);
    invariant(folder.pathname !== '/', `src/report/${name} is not part of this installation`);
  }
}

export function readAsset(name: string): string {
  return readFileSync(assetPath(name), 'utf8');
}
