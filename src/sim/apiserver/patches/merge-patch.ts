/** JSON merge patch (RFC 7386) with structural sharing: untouched subtrees are the same objects. */

type Tree = Readonly<Record<string, unknown>>;

/** `target` with `patch` laid over it; null removes, an undefined member says nothing. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const base = isTree(target) ? target : {};
  let merged: Record<string, unknown> | undefined;
  for (const key in patch) {
    const wanted = patch[key];
    if (wanted === undefined) continue;
    const had = base[key];
    if (wanted === null) {
      if (had === undefined) continue;
      merged ??= { ...base };
      delete merged[key];
      continue;
    }
    const value = mergePatch(had, wanted);
    if (value === had) continue;
    merged ??= { ...base };
    merged[key] = value;
  }
  return merged ?? base;
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
