/**
 * Aligned columns of text: numbers to the right, words to the left. Colour comes last, since its
 * codes have no width.
 */

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface TextRow {
  readonly cells: readonly string[];
  /** Shown faintly: it belongs to the row above. */
  readonly faint?: boolean;
}

export interface TextStyle {
  readonly width: number;
  readonly color: boolean;
}

const GAP = '  ';

/** Lines of a table; where it is too wide, the first column gives way. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  style: TextStyle,
): readonly string[] {
  const titles = columns.map(({ title }) => title);
  const natural = columns.map((_, i) =>
    Math.max(
      ...[titles, ...rows.map(({ cells }) => cells)].map((cells) => (cells[i] ?? '').length),
    ),
  );
  const widths = shrinkFirst(natural, style.width);
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => fit(cells[i] ?? '', widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd();
  return [
    underlined(line(titles), style),
    ...rows.map(({ cells, faint }) => (faint ? dimmed(line(cells), style) : line(cells))),
  ];
}

/** A heading of its own line. */
export function heading(text: string, style: TextStyle): string {
  return style.color ? `\u001b[1m${text}\u001b[22m` : text;
}

export function dimmed(text: string, style: TextStyle): string {
  return style.color ? `\u001b[2m${text}\u001b[22m` : text;
}

/** Words filled into lines no longer than `width`; continuation lines start with `indent`. */
export function wrapped(text: string, width: number, indent = '  '): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function underlined(text: string, { color }: TextStyle): string {
  return color ? `\u001b[4m${text}\u001b[24m` : text;
}

const LEAST_WIDTH = 12;

function shrinkFirst(widths: readonly number[], width: number): readonly number[] {
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  const [first = 0, ...others] = widths;
  const shrunk = first - Math.max(0, total - width);
  return [Math.max(Math.min(first, LEAST_WIDTH), shrunk), ...others];
}

function fit(text: string, width: number, align: TextColumn['align']): string {
  const shown = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return align === 'left' ? shown.padEnd(width) : shown.padStart(width);
}
