/**
 * Files that reports carry with them: fonts, the page's style and script. They stand in
 * `src/report` only, beside the code that uses them.
 */

import { readFileSync } from 'node:fs';
import { packageFile } from '../../core/package-file.ts';

/** `name` as in `html/page.css`. */
export function assetPath(name: string): string {
  return packageFile(`src/report/${name}`);
}

export function readAsset(name: string): string {
  return readFileSync(assetPath(name), 'utf8');
}
