/**
 * Placeholders in templates: `{{name}}`, and the bare word `placeholder`, which stands for the
 * index as in `sed "s/placeholder/$i/g"`. They are found in parsed strings, never in YAML text, so
 * no value can change the structure of a manifest.
 */

/** What stands in a string: text, or the name of a value. */
export type Segment = string | { readonly name: string };

/** All names that a template may use. */
export const PLACEHOLDERS = [
  'index',
  'name',
  'namespace',
  'runId',
  'template',
  'image',
  'imageNamespace',
  'pvc',
  'snapshot',
  'size',
  'storageClass',
  'snapshotClass',
  'accessMode',
  'accessModes',
  'volumeMode',
] as const;

const PATTERN = /\{\{\s*([^{}]*?)\s*\}\}|placeholder/g;

/** The text cut at its placeholders; one text where there is none. */
export function splitSegments(text: string): readonly Segment[] {
  if (!text.includes('{{') && !text.includes('placeholder')) return [text];
  const segments: Segment[] = [];
  let end = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > end) segments.push(text.slice(end, match.index));
    segments.push({ name: match[0] === 'placeholder' ? 'index' : (match[1] ?? '') });
    end = match.index + match[0].length;
  }
  if (end < text.length) segments.push(text.slice(end));
  return segments;
}

/** The names used in a text. */
export function namesIn(text: string): readonly string[] {
  return splitSegments(text).flatMap((segment) =>
    typeof segment === 'string' ? [] : [segment.name],
  );
}
