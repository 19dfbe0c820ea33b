/**
 * From findings to the one word, the exit code and the headline. What a reader would get wrong: the
 * order of exit codes (invalid, incomplete, limit missed, regression) is the command line's
 * contract, and the word follows it.
 */

import { EXIT } from '../../core/exit-code.ts';
import type { QualityFinding } from './data-quality.ts';
import type { LevelVerdict } from './service-levels.ts';
import type { SeriesState, SeriesVerdict, VerdictWord } from './verdict.ts';

export interface Findings {
  readonly quality: readonly QualityFinding[];
  readonly levels: readonly LevelVerdict[];
  readonly figures: readonly SeriesVerdict[];
}

const CODES: Readonly<Record<VerdictWord, number>> = {
  invalid: EXIT.invalid,
  incomplete: EXIT.incomplete,
  sloMissed: EXIT.sloMissed,
  regression: EXIT.regression,
  suspect: EXIT.ok,
  learning: EXIT.ok,
  pass: EXIT.ok,
};

/** Where suspicion counts it is taken for a regression; what cannot be told yet is insufficient. */
const STRICT_CODES: Readonly<Record<VerdictWord, number>> = {
  ...CODES,
  suspect: EXIT.regression,
  learning: EXIT.invalid,
};

export function verdictWord({ quality, levels, figures }: Findings, strict: boolean): VerdictWord {
  const isAny = (state: SeriesState) => figures.some((figure) => figure.state === state);
  const has = (severity: QualityFinding['severity']) =>
    quality.some((finding) => finding.severity === severity);
  if (has('invalid')) return 'invalid';
  if (has('incomplete')) return 'incomplete';
  if (levels.some(({ state }) => state === 'absent')) return 'invalid';
  if (strict && has('doubt')) return 'invalid';
  if (levels.some(({ state }) => state === 'missed')) return 'sloMissed';
  if (isAny('regressed')) return 'regression';
  if (isAny('suspect')) return 'suspect';
  return figures.every(({ state }) => state === 'learning') ? 'learning' : 'pass';
}

export function chooseExitCode(findings: Findings, strict: boolean): number {
  const word = verdictWord(findings, strict);
  return (strict ? STRICT_CODES : CODES)[word];
}

/** The verdict in a sentence; `nights` are those before tonight. */
export function headline(word: VerdictWord, findings: Findings, nights: number): string {
  const { quality, levels, figures } = findings;
  const count = (state: SeriesState) => figures.filter((figure) => figure.state === state).length;
  const missed = levels.filter(({ state }) => state === 'missed').length;
  const absent = levels.filter(({ state }) => state === 'absent').length;
  switch (word) {
    case 'invalid':
      return `no verdict: ${[
        ...quality
          .filter(({ severity }) => severity !== 'incomplete')
          .map(({ message }) => message),
        ...(absent > 0 ? [`${absent} limits are on figures that the run does not have`] : []),
      ].join('; ')}`;
    case 'incomplete':
      return `no verdict: ${quality.map(({ message }) => message).join('; ')}`;
    case 'sloMissed':
      return joined([`${missed} of ${levels.length} limits missed`, changes(count('regressed'))]);
    case 'regression':
      return joined([changes(count('regressed')), suspicions(count('suspect'))]);
    case 'suspect':
      return `${suspicions(count('suspect'))}; one night proves nothing`;
    case 'learning':
      return `${nights} ${nights === 1 ? 'night' : 'nights'} before this one: too few to tell`;
    case 'pass':
      return joined([
        `${figures.length - count('learning')} figures on their level over ${nights} nights`,
        count('improved') > 0 ? `${count('improved')} improved` : '',
        count('acknowledged') > 0 ? `${count('acknowledged')} acknowledged` : '',
        count('learning') > 0 ? `${count('learning')} with too few nights` : '',
      ]);
  }
}

function changes(regressed: number): string {
  if (regressed === 0) return '';
  return `${regressed} ${regressed === 1 ? 'figure has' : 'figures have'} got worse for good`;
}

function suspicions(suspect: number): string {
  if (suspect === 0) return '';
  return `${suspect} ${suspect === 1 ? 'figure is' : 'figures are'} out of the ordinary tonight`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}
