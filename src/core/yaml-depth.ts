/**
 * Whether a YAML text is nested so deeply that its parser, which goes down with it, would use up
 * the stack: where that happens inside a regular expression, V8 ends the process.
 */

/** Brackets and dashes inside texts are counted too, so this limit is wide. */
const LEVELS_MAX = 500;

/** Offset of the first character that is too deep; linear. */
export function deepOffset(text: string): number | undefined {
  const columns: number[] = [];
  let flow = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const content = nestBlocks(text, start, columns);
    if (columns.length > LEVELS_MAX) return content;
    for (let i = content; i < end; i++) {
      const c = text[i];
      if (c === '[' || c === '{') flow += 1;
      else if (c === ']' || c === '}') flow = Math.max(0, flow - 1);
      if (flow > LEVELS_MAX) return i;
    }
    start = end + 1;
  }
  return undefined;
}

/** Notes the columns at which blocks begin in a line; where what they hold begins. */
function nestBlocks(text: string, start: number, columns: number[]): number {
  for (let i = start; ; i++) {
    while (text[i] === ' ' || text[i] === '\t') i++;
    const c = text[i];
    if (c === undefined || c === '\n') return i;
    while ((columns.at(-1) ?? -1) >= i - start) columns.pop();
    columns.push(i - start);
    const isIndicator = c === '-' || c === '?' || c === ':';
    if (!isIndicator || !/\s/.test(text[i + 1] ?? '')) return i;
    if (columns.length > LEVELS_MAX) return i;
  }
}
