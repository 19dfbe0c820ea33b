/** What a study answers, in sentences: on the terminal and on the page. */

import { pointName } from '../../compare/study-point.ts';
import type { Knee, StudySummary } from '../../compare/study-summary.ts';
import { levelLines } from './level-text.ts';
import { plainFigure } from './numbers.ts';

/** The answers of a study, a sentence each, the one that was asked for first. */
export function studyAnswers({ answer, curves, knee }: StudySummary): readonly string[] {
  const level = answer === undefined ? [] : levelLines(answer);
  if (curves.length === 0) return [...level, ...(answer ? [] : [`Knee: ${kneeText(knee)}`])];
  const knees = curves.map((curve) => {
    const { bounds, path } = curve;
    const name = pointName(curve);
    const where = name === '' ? '' : ` (${name})`;
    if ('none' in bounds) return `Knee of ${path}${where}: ${bounds.none}`;
    const { unloaded, ceiling } = bounds;
    return (
      `Knee of ${path}${where}: ${kneeText(curve.knee)}: below it ` +
      `${plainFigure(unloaded)} s whatever the load, above it ${plainFigure(ceiling)} a second`
    );
  });
  return [...level, ...knees];
}

function kneeText(knee: Knee): string {
  if ('none' in knee) return knee.none;
  const { value, lo, hi, method } = knee;
  const ends =
    lo === undefined || hi === undefined ? '' : ` (${plainFigure(lo)}-${plainFigure(hi)})`;
  return `about ${plainFigure(value)}${ends}, by ${method}`;
}
