/**
 * The JSONPath of printer columns: `.a.b`, `['a.b']`, `[0]`, `[*]`, `[?(@.type=='Ready')]`.
 * Compiled once; the first match counts.
 */

export type JsonPath = (value: unknown) => unknown;

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'filter'; readonly key: string; readonly wanted: string };

/** What the path leads to, or undefined. Throws on a path of another form. */
export function compileJsonPath(text: string): JsonPath {
  const steps = parseSteps(text);
  return (root) => {
    let value = root;
    for (const step of steps) {
      value = follow(value, step);
      if (value === undefined || value === null) return undefined;
    }
    return value;
  };
}

const STEP =
  /\.((?:\\.|[^.[\]\\])+)|\[(\d+|\*)\]|\['([^']+)'\]|\[\?\(@\.(\w+)\s*==\s*['"]([^'"]*)['"]\)\]/y;

function parseSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) throw new SyntaxError(`no JSONPath of a column: ${text}`);
    const [, key, index, quoted, field, wanted] = match;
    if (index !== undefined)
      steps.push({ kind: 'index', index: index === '*' ? 0 : Number(index) });
    else if (field !== undefined) steps.push({ kind: 'filter', key: field, wanted: wanted ?? '' });
    else steps.push({ kind: 'key', key: quoted ?? (key ?? '').replaceAll(/\\(.)/g, '$1') });
  }
  return steps;
}

function follow(value: unknown, step: Step): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if (step.kind === 'key') return (value as Readonly<Record<string, unknown>>)[step.key];
  if (!Array.isArray(value)) return undefined;
  if (step.kind === 'index') return value[step.index];
  const wanted = (item: unknown) =>
    (item as Readonly<Record<string, unknown>> | null)?.[step.key] === step.wanted;
  return value.find(wanted);
}
