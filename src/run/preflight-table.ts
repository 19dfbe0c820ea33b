/** Findings of a preflight as people read them: what failed comes with what to do about it. */

import type { CheckVerdict, Finding } from '../cluster/check.ts';

const WORDS: Readonly<Record<CheckVerdict, string>> = { pass: 'pass', warn: 'WARN', fail: 'FAIL' };

/** A line a finding, and under it the remedy where there is one. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings.flatMap(({ check, verdict, found, remedy }) => [
    `${WORDS[verdict]}  ${check.padEnd(width)}  ${found}`,
    ...(remedy === undefined ? [] : [`      ${' '.repeat(width)}  -> ${remedy}`]),
  ]);
}

/** `preflight: 31 passed, 2 warnings, 1 failed`. */
export function findingCounts(findings: readonly Finding[]): string {
  const count = (verdict: CheckVerdict) => findings.filter((it) => it.verdict === verdict).length;
  const warnings = count('warn');
  const parts = [
    `${count('pass')} passed`,
    ...(warnings > 0 ? [`${warnings} warning${warnings === 1 ? '' : 's'}`] : []),
    ...(count('fail') > 0 ? [`${count('fail')} failed`] : []),
  ];
  return `preflight: ${parts.join(', ')}`;
}
