/** `{{index}}` without quotes, which YAML takes for a map with a map for a key. */

export const UNQUOTED = {
  message: 'a placeholder without quotes is YAML for a map',
  remedy: 'quote it: "{{index}}"',
} as const;

/** Whether a key, as text, stands for a map. */
export function isUnquotedKey(key: string): boolean {
  return /^\{ .* \}$/.test(key);
}

export function isUnquotedPlaceholder(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).some(isUnquotedKey);
}
