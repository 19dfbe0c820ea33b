/**
 * Timestamps as Kubernetes writes them. metav1.Time is whole seconds, truncated, in UTC with `Z`;
 * MicroTime has six decimals (apimachinery meta/v1/time.go, micro_time.go).
 */

let lastSecond = -1;
let lastText = '';

/** `2024-06-01T00:00:05Z` of microseconds since the Unix epoch. */
export function rfc3339(unixUs: number): string {
  const second = Math.floor(unixUs / 1e6);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  }
  return lastText;
}

/** `2024-06-01T00:00:05.000012Z` of microseconds since the Unix epoch. */
export function rfc3339Micro(unixUs: number): string {
  const micros = String(((unixUs % 1e6) + 1e6) % 1e6).padStart(6, '0');
  return `${rfc3339(unixUs).slice(0, 19)}.${micros}Z`;
}

/** `Sat, 01 Jun 2024 00:00:05 GMT`, as HTTP dates its answers (RFC 9110, 5.6.7). */
export function httpDate(unixUs: number): string {
  return new Date(unixUs / 1000).toUTCString();
}

/** Microseconds since the Unix epoch of an RFC 3339 text; undefined where the text is none. */
export function parseRfc3339(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}
