/** Did-you-mean: the known word nearest to an unknown one. */

import type { Path } from './path.ts';
import type { Report, Spot } from './problem.ts';

/** Whether `word` is one of `known`; reports it otherwise. */
export function checkKnown(
  word: string,
  known: readonly string[],
  what: string,
  path: Path,
  report: Report,
  spot: Spot = 'value',
): boolean {
  if (known.includes(word)) return true;
  report(path, `unknown ${what} ${JSON.stringify(word)}`, suggest(word, known, what), spot);
  return false;
}

/** A remedy that names the nearest of `known`, or all of them. */
export function suggest(unknown: string, known: readonly string[], what: string): string {
  const near = nearest(unknown, known);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  if (known.length === 0) return `there is no ${what} here`;
  return `known ${known.length === 1 ? what : plural(what)}: ${known.join(', ')}`;
}

/** The known word within a third of the length in edits; undefined where none is that near. */
export function nearest(unknown: string, known: readonly string[]): string | undefined {
  const word = unknown.toLowerCase();
  let best: { word: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = editDistance(word, candidate.toLowerCase());
    if (best === undefined || edits < best.edits) best = { word: candidate, edits };
  }
  const limit = Math.max(1, Math.ceil(unknown.length / 3));
  return best !== undefined && best.edits <= limit ? best.word : undefined;
}

/** Levenshtein's distance with swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + cost,
        swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Of `field`, `policy` and `step that makes objects`. */
function plural(noun: string): string {
  const [head = '', ...rest] = noun.split(' that ');
  const heads = head.endsWith('y') ? `${head.slice(0, -1)}ies` : `${head}s`;
  return [heads, ...rest.map((clause) => clause.replace(/^(\w+)s /, '$1 '))].join(' that ');
}
