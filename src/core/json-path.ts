/**
 * Paths into objects, in the part of kubectl's JSONPath that names one value: `{.a.b}`,
 * `.a['b.c']`, `[0]`, `[?(@.type=="Ready")]`. Compiled once. The API server's printer columns read
 * their own.
 */

export type JsonPath = (root: unknown) => unknown;

type Part =
  | { readonly key: string }
  | { readonly index: number }
  | { readonly field: string; readonly wanted: string };

const KEY = /\.((?:\\.|[^.[\]\\])+)/;
const INDEX = /\[(\d+)\]/;
const QUOTED = /\[(?:'([^']+)'|"([^"]+)")\]/;
const FILTER = /\[\?\(@\.([\w-]+)\s*==\s*(?:'([^']*)'|"([^"]*)")\)\]/;
const PART = new RegExp([KEY, INDEX, QUOTED, FILTER].map(({ source }) => source).join('|'), 'y');

/** What the path leads to, or undefined; itself undefined where the text is no such path. */
export function compileJsonPath(text: string): JsonPath | undefined {
  const parts = parseParts(/^\{(.*)\}$/.exec(text.trim())?.[1] ?? text.trim());
  if (parts === undefined) return undefined;
  return (root) => {
    let value = root;
    for (const part of parts) value = follow(value, part);
    return value ?? undefined;
  };
}

/** As text that can be compared: `5`, `true`, `Ready`; a whole object as JSON. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseParts(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (!match) return undefined;
    const [, key, index, single, double, field, wanted = match[7]] = match;
    if (index !== undefined) parts.push({ index: Number(index) });
    else if (field !== undefined) parts.push({ field, wanted: wanted ?? '' });
    else parts.push({ key: single ?? double ?? (key ?? '').replaceAll(/\\(.)/g, '$1') });
  }
  return parts.length === 0 ? undefined : parts;
}

function follow(value: unknown, part: Part): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if ('key' in part) return (value as Readonly<Record<string, unknown>>)[part.key];
  if (!Array.isArray(value)) return undefined;
  if ('index' in part) return value[part.index];
  return value.find(
    (item) => (item as Readonly<Record<string, unknown>> | null)?.[part.field] === part.wanted,
  );
}
