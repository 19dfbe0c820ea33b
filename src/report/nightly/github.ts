/**
 * Annotations of a GitHub job: workflow commands, worst first. GitHub shows ten errors and ten
 * warnings of a step and drops the rest silently, so fewer are written, and the last one says how
 * many more there are.
 */

import { keyText } from '../../compare/history/series.ts';
import type { LevelVerdict } from '../../compare/nightly/service-levels.ts';
import type { NightlyVerdict, SeriesVerdict } from '../../compare/nightly/verdict.ts';
import { blameText, levelText, movedText, VERDICT_WORDS, whereText } from './verdict-text.ts';

/** Of each kind. */
const MAX_SHOWN = 5;

interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

/** Lines for the standard output of a workflow step; empty where there is nothing to say. */
export function githubAnnotations(verdict: NightlyVerdict): readonly string[] {
  const all = [
    ...verdict.quality.map(({ severity, check, message }): Annotation => {
      return {
        kind: severity === 'doubt' ? 'warning' : 'error',
        title: check,
        message,
      };
    }),
    ...verdict.serviceLevels.flatMap(levelAnnotation),
    ...verdict.series.flatMap(figureAnnotation),
  ];
  const tool = verdict.run.target === 'simulated' ? 'bench (simulated)' : 'bench';
  return (['error', 'warning', 'notice'] as const).flatMap((kind) => {
    const own = all.filter((annotation) => annotation.kind === kind);
    const shown = own.length > MAX_SHOWN ? own.slice(0, MAX_SHOWN - 1) : own;
    const more = own.length - shown.length;
    const rest: Annotation = {
      kind,
      title: VERDICT_WORDS[verdict.verdict],
      message: `${more} more in the job summary`,
    };
    return [...shown, ...(more > 0 ? [rest] : [])].map((each) => command(each, tool));
  });
}

function levelAnnotation(level: LevelVerdict): readonly Annotation[] {
  if (level.state === 'kept') return [];
  const kind = level.state === 'straddling' ? 'warning' : 'error';
  return [{ kind, title: `limit ${level.state}`, message: levelText(level) }];
}

function figureAnnotation(figure: SeriesVerdict): readonly Annotation[] {
  const title = (word: string) => `${word}: ${keyText(figure)}`;
  const message = [movedText(figure), whereText(figure), blameText(figure)].filter(
    (part) => part !== '',
  );
  switch (figure.state) {
    case 'regressed':
    case 'confirmed':
      if (!figure.gated) return [];
      return [{ kind: 'error', title: title('regression'), message: message.join('; ') }];
    case 'suspect':
      if (!figure.gated) return [];
      return [{ kind: 'warning', title: title('suspect'), message: message.join('; ') }];
    case 'recovering':
    case 'improved':
    case 'acknowledged':
    case 'notRepeated':
      return [{ kind: 'notice', title: title(figure.state), message: message.join('; ') }];
    case 'unusual':
    case 'learning':
    case 'stable':
      return [];
  }
}

/** Escaped as the runner's own toolkit does: data, and properties besides. */
function command({ kind, title, message }: Annotation, tool: string): string {
  const property = data(`${tool}: ${title}`).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${kind} title=${property}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
