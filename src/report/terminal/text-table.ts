/**
 * Aligned columns of text: numbers to the right, words to the left. Colour codes have no width, so
 * they come last, around whole lines.
 */

import { splitWords } from '../wording/words.ts';

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Left out where the table is too wide. */
  readonly isOptional?: boolean;
}

export interface TextRow {
  readonly cells: readonly string[];
  /** Its one cell runs across the table. */
  readonly isHeading?: boolean;
  /** It belongs to the row above. */
  readonly isFaint?: boolean;
}

export interface TextStyle {
  readonly width: number;
  readonly color: boolean;
}

/** A first column of words. */
export function words(title: string): TextColumn {
  return { title, align: 'left' };
}

export function numbers(...titles: readonly string[]): readonly TextColumn[] {
  return titles.map((title) => ({ title, align: 'right' }));
}

/** As numbers, for what can be spared. */
export function spareNumbers(...titles: readonly string[]): readonly TextColumn[] {
  return titles.map((title) => ({ title, align: 'right', isOptional: true }));
}

/**
 * Lines of a table. Where it is too wide, gaps close up, optional columns go, and the first column
 * is cut in its middle; where that would make two rows read the same, its cells get lines of their
 * own. Numbers are never cut.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  style: TextStyle,
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const cells = [titles, ...rows.filter(({ isHeading }) => !isHeading).map((row) => row.cells)];
  const natural = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0),
  );
  const layout = fittedLayout(columns, natural, style.width);
  const isClash = !staysDistinct(cells, layout.widths[0] ?? 0);
  const line = (row: readonly string[]) => formatLine(columns, layout, row);
  return [
    dimmed(line(titles), style),
    ...rows.flatMap((row) => {
      if (row.isHeading) return [cut(row.cells[0] ?? '', style.width)];
      const [first = '', ...others] = row.cells;
      const lines = isClash
        ? [...wrapped(first, style.width), line(['', ...others])]
        : [line(row.cells)];
      return row.isFaint ? lines.map((text) => dimmed(text, style)) : lines;
    }),
  ];
}

/** A heading of its own line. */
export function heading(text: string, { color }: TextStyle): string {
  return color ? `\u001b[1m${text}\u001b[22m` : text;
}

export function dimmed(text: string, { color }: TextStyle): string {
  return color ? `\u001b[2m${text}\u001b[22m` : text;
}

/** Words filled into lines no longer than `width`; continuation lines start with `indent`. */
export function wrapped(text: string, width: number, indent = '  '): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of splitWords(text)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Less room than this beside a label is too little for a sentence. */
const SENTENCE_LEAST = 40;

/** A label and what is to be said of it, in lines; below it where there is no room beside. */
export function labelled(
  rows: readonly (readonly [label: string, text: string])[],
  width: number,
): readonly string[] {
  const own = Math.max(...rows.map(([label]) => label.length)) + 2;
  const isBeside = width - own >= SENTENCE_LEAST;
  const indent = isBeside ? own : 2;
  return rows.flatMap(([label, text]) => {
    const [first = '', ...others] = wrapped(text, width - indent, '');
    const hanging = (line: string) => ' '.repeat(indent) + line;
    if (isBeside) return [label.padEnd(own) + first, ...others.map(hanging)];
    return [label, ...[first, ...others].map(hanging)];
  });
}

/** The first column is not made narrower than this while there are columns to spare. */
const GOOD_WIDTH = 30;

const LEAST_WIDTH = 12;

interface Layout {
  /** 0 for a column that is left out. */
  readonly widths: readonly number[];
  readonly gap: number;
}

function fittedLayout(
  columns: readonly TextColumn[],
  natural: readonly number[],
  width: number,
): Layout {
  const gap = excess(natural, 2, width) <= 0 ? 2 : 1;
  const widths = [...natural];
  const [first = 0] = natural;
  const spare = columns.flatMap(({ isOptional }, i) => (isOptional ? [i] : []));
  while (first - excess(widths, gap, width) < Math.min(first, GOOD_WIDTH)) {
    const last = spare.pop();
    if (last === undefined) break;
    widths[last] = 0;
  }
  const shrunk = first - Math.max(0, excess(widths, gap, width));
  return { gap, widths: [Math.max(1, Math.min(first, shrunk)), ...widths.slice(1)] };
}

/** Whether cells of the first column that differ still do, and are to be read, at this width. */
function staysDistinct(cells: readonly (readonly string[])[], width: number): boolean {
  const firsts = new Set(cells.map(([first = '']) => first));
  const longest = Math.max(...[...firsts].map(({ length }) => length));
  if (width < Math.min(longest, LEAST_WIDTH)) return false;
  return new Set([...firsts].map((first) => cut(first, width))).size === firsts.size;
}

function excess(widths: readonly number[], gap: number, width: number): number {
  const shown = widths.filter((each) => each > 0);
  const gaps = gap * (shown.length - 1);
  return shown.reduce((sum, each) => sum + each, gaps) - width;
}

function formatLine(
  columns: readonly TextColumn[],
  { widths, gap }: Layout,
  cells: readonly string[],
): string {
  return columns
    .flatMap(({ align }, i) => {
      const width = widths[i] ?? 0;
      if (width === 0) return [];
      const text = i === 0 ? cut(cells[i] ?? '', width) : (cells[i] ?? '');
      return [align === 'left' ? text.padEnd(width) : text.padStart(width)];
    })
    .join(' '.repeat(gap))
    .trimEnd();
}

/** Cut in the middle: names differ at their ends. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = Math.max(0, width - 1);
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}
