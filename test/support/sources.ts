/** The project's own sources as the tidy test sees them: paths, texts, and who imports whom. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, also where this file was compiled to some folder below it. */
export const ROOT = projectAbove(dirname(fileURLToPath(import.meta.url)));

export interface SourceFile {
  /** Relative to src: `kube/client.ts`. */
  readonly path: string;
  readonly text: string;
  /** Relative to src, type imports included. */
  readonly imports: readonly string[];
}

export function readSources(folder = join(ROOT, 'src')): readonly SourceFile[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      return { path, text, imports: localImports(path, text) };
    });
}

function projectAbove(folder: string): string {
  return existsSync(join(folder, 'build.js')) ? folder : projectAbove(dirname(folder));
}

function localImports(path: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, target = '']) => relative('.', normalize(join(dirname(path), target))));
}

/** Code without comments and without the contents of strings, line by line. */
export function codeLines(text: string): readonly string[] {
  const bare = text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/(^|[^:])\/\/.*$/gm, '$1');
  return bare.split('\n');
}
