/** Findings on a lab as people read them: one line an object, many alike in one. */

import type { LabFinding, LabState } from './lab-check.ts';

const WORDS: Readonly<Record<LabState, string>> = {
  ready: 'ready',
  missing: 'MISSING',
  differs: 'DIFFERS',
  waits: 'waits',
  stuck: 'STUCK',
};

/** More objects of a step in one state than this are named by the first and their number. */
const NAMED_MOST = 3;

/** By step; under each that is not ready, why, and what helps. */
export function labLines(findings: readonly LabFinding[]): readonly string[] {
  const groups = new Map<string, LabFinding[]>();
  for (const finding of findings) {
    const key = `${finding.state} ${finding.step}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => {
    const shown = group.length > NAMED_MOST ? group.slice(0, 1) : group;
    return shown.flatMap((each) => linesOf(each, group.length - shown.length));
  });
}

function linesOf({ step, object, state, found, remedy }: LabFinding, more: number) {
  const others = more > 0 ? ` and ${more} more` : '';
  return [
    `${WORDS[state].padEnd(7)}  ${step}: ${object}${others}`,
    ...(found === undefined ? [] : [`         ${found}`]),
    ...(remedy === undefined ? [] : [`         -> ${remedy}`]),
  ];
}

/** `lab-odf is ready: 19 objects` or `lab-odf is not ready: 3 missing, 1 stuck of 19 objects`. */
export function labVerdict(name: string, findings: readonly LabFinding[]): string {
  const objects = `${findings.length} object${findings.length === 1 ? '' : 's'}`;
  if (isReady(findings)) return `${name} is ready: ${objects}`;
  const states = ['missing', 'stuck', 'differs', 'waits'] as const;
  const counts = states.flatMap((state) => {
    const count = findings.filter((finding) => finding.state === state).length;
    return count === 0 ? [] : [`${count} ${COUNTED[state]}`];
  });
  return `${name} is not ready: ${counts.join(', ')} of ${objects}`;
}

const COUNTED = { missing: 'missing', stuck: 'stuck', differs: 'different', waits: 'on the way' };

export function isReady(findings: readonly LabFinding[]): boolean {
  return findings.every(({ state }) => state === 'ready');
}
