/** The answer of a search for a level, in sentences; the first is the answer itself. */

import type { JudgedPoint, LevelAnswer } from '../../compare/level-answer.ts';
import { estimateText, listText, plainFigure } from './numbers.ts';

export function levelLines(answer: LevelAnswer): readonly string[] {
  const { disorder, value } = answer;
  const where = value === undefined ? 'at an end' : 'there';
  return [
    answerLine(answer),
    `It stopped ${where}: ${pointText(answer, answer.stoppedAt)}`,
    ...(disorder.length === 0
      ? []
      : [
          'NOT MONOTONE, so there is more than one such place: ' +
            listText(disorder.map((point) => pointText(answer, point))),
        ]),
  ];
}

function answerLine({ path, range, keeps, value, lo, hi, ...level }: LevelAnswer): string {
  const { metric, statistic, limitSeconds } = level;
  const thing = /\.wave(\.size)?$/.test(path) ? 'wave' : path;
  const limit = `${metric} ${statistic} <= ${plainFigure(limitSeconds)} s`;
  if (range.lo === range.hi) return `The least does not keep ${limit}: ${path} ${range.lo}`;
  if (keeps === 'all' || keeps === 'none') {
    const each = keeps === 'all' ? 'Both ends keep' : 'Neither end keeps';
    return `${each} ${limit}: ${path} from ${range.lo} to ${range.hi}`;
  }
  const doubt = lo === undefined && hi === undefined ? '' : ` (${lo ?? ''}-${hi ?? ''})`;
  const keep = keeps === 'largest' ? 'Largest' : 'Smallest';
  return `${keep} ${thing} that keeps ${limit}: ${value}${lo === hi ? '' : doubt}`;
}

/** `213 misses it, p95 is 60.4 s`. */
function pointText(answer: LevelAnswer, point: JudgedPoint): string {
  const { value, isKept, estimate, failure } = point;
  const verb = isKept ? 'keeps' : 'misses';
  if (failure !== undefined) return `${value} ${verb} it, ${failure}`;
  return `${value} ${verb} it, ${answer.statistic} is ${estimateText(estimate)}`;
}
