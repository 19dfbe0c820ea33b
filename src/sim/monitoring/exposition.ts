/** The text format of `/metrics` (Prometheus exposition formats, text/plain version 0.0.4). */

import type { Labels, MetricFamily } from './family.ts';

export function expositionText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('');
}

function familyText({ name, help, type, samples }: MetricFamily): string {
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  const lines = samples.map(
    ({ suffix = '', labels, value }) =>
      `${name}${suffix}${labelsText(labels)} ${valueText(value)}\n`,
  );
  return head + lines.join('');
}

function labelsText(labels: Labels): string {
  const texts = Object.entries(labels).map(([key, value]) => `${key}="${escapeValue(value)}"`);
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}

/** As Go writes numbers, which is what Prometheus reads and gives back. */
export function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
