/**
 * Making folders. Not mkdir's own `recursive`: where the file system answers ENOENT to every mkdir
 * (/proc does), Node 20 tries again for ever.
 */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder and all above it; throws what the file system throws. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
