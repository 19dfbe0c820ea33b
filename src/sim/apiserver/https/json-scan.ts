/**
 * What `JSON.parse` does not tell of a text: fields that are named twice (of which it keeps the
 * last), and how deep values are nested, before anything recurses into them. Expects valid JSON.
 */

export interface JsonScan {
  /** Paths such as `spec.containers[0].name`, in the order of the text. */
  readonly duplicates: readonly string[];
  /** 0 for a scalar. */
  readonly depth: number;
}

interface Container {
  /** Where it stands; made only where a duplicate wants to be named. */
  readonly place: string | number;
  /** The keys of an object so far; undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** Of the member that is being read. */
  at: string | number;
  expectsKey: boolean;
}

export function scanJson(text: string): JsonScan {
  const duplicates: string[] = [];
  const open: Container[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const top = open.at(-1);
    if (code === QUOTE) {
      const end = endOfString(text, i);
      if (top?.expectsKey && top.keys) {
        const key = unquoteKey(text.slice(i, end));
        top.at = key;
        top.expectsKey = false;
        if (top.keys.has(key)) duplicates.push(formatPath(open));
        top.keys.add(key);
      }
      i = end - 1;
    } else if (code === BRACE || code === BRACKET) {
      const keys = code === BRACE ? new Set<string>() : undefined;
      open.push({ place: top?.at ?? '', keys, at: 0, expectsKey: code === BRACE });
      depth = Math.max(depth, open.length);
    } else if (code === BRACE_END || code === BRACKET_END) {
      open.pop();
    } else if (code === COMMA && top) {
      if (top.keys) top.expectsKey = true;
      else top.at = (top.at as number) + 1;
    }
  }
  return { duplicates, depth };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** Behind the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) return i + 1;
  }
  return text.length;
}

function unquoteKey(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function formatPath(open: readonly Container[]): string {
  const steps = [...open.slice(1).map(({ place }) => place), open.at(-1)?.at ?? ''];
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}
