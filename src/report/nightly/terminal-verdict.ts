/**
 * The verdict on one screen of a terminal: the word, then what got worse with where and since when,
 * then limits and doubts. It is cut to a screen, worst first; verdict.json has all of it.
 */

import { figureName } from '../../catalogue/names.ts';
import { keyText } from '../../compare/history/series.ts';
import type { NightlyVerdict, SeriesVerdict } from '../../compare/nightly/verdict.ts';
import { dimmed, heading, type TextStyle, wrapped } from '../terminal/text-table.ts';
import { countedText } from '../wording/numbers.ts';
import { sparkline } from './sparkline.ts';
import {
  beforeText,
  blameText,
  changeText,
  evidenceText,
  feltText,
  levelText,
  NEWS,
  nowText,
  runText,
  sinceText,
  snippetLines,
  STATE_WORDS,
  tonightText,
  VERDICT_WORDS,
  whereText,
} from './verdict-text.ts';

/** Figures that are told in full; the others are counted. */
const MAX_TOLD = 4;

const MAX_LINES_OF_A_KIND = 4;

export function renderVerdict(verdict: NightlyVerdict, style: TextStyle): string {
  const news = verdict.series.filter(({ state }) => NEWS.includes(state));
  const lines = [
    heading(`${VERDICT_WORDS[verdict.verdict]}  ${runText(verdict)}`, style),
    ...wrapped(sentence(verdict.headline), style.width),
    ...news.slice(0, MAX_TOLD).flatMap((figure, i) => figureLines(figure, news[i - 1], style)),
    ...moreLines(news.slice(MAX_TOLD)),
    ...section('Limits', levelLines(verdict), style),
    ...section('Data', qualityLines(verdict), style),
    ...section('What the cluster felt otherwise', (verdict.felt ?? []).map(feltText), style),
    ...section('Notes', verdict.notes, style),
    ...snippet(verdict, style),
    ...quietLines(verdict, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** What would be said again of the next figure is said once. */
function figureLines(
  figure: SeriesVerdict,
  above: SeriesVerdict | undefined,
  style: TextStyle,
): readonly string[] {
  const { state, recent, change } = figure;
  const moved = `${beforeText(figure)} -> ${nowText(figure)}`;
  const parts = [changeText(figure), tonightText(figure), sinceText(figure)];
  const shift = parts.filter((part) => part !== '').join(', ');
  const blame = blameText(figure);
  const where = whereText(figure);
  const isSameBlame = above !== undefined && blameText(above) === blame;
  const isSameWhere = above !== undefined && whereText(above) === where;
  return [
    '',
    `${STATE_WORDS[state]}: ${keyText(figure)}${figure.gated ? '' : ' (not gated)'}`,
    `  ${moved}  ${shift}  ${sparkline(recent)}`,
    ...(isSameWhere ? [] : indented(where, style)),
    ...(isSameBlame ? [] : indented(blame, style)),
    ...(change === undefined ? [] : [dimmed(`  ${evidenceText(change)}`, style)]),
    ...acknowledgementLines(figure),
  ];
}

function acknowledgementLines({ change }: SeriesVerdict): readonly string[] {
  const acknowledged = change?.acknowledged;
  if (acknowledged === undefined) return [];
  const { reason, until, hasExpired } = acknowledged;
  const state = hasExpired ? `acknowledged until ${until}, which is over` : `until ${until}`;
  return [`  ${state}: ${reason}`];
}

/** What to write into the file of --ack, to be pasted. */
function snippet(verdict: NightlyVerdict, style: TextStyle): readonly string[] {
  const lines = snippetLines(verdict);
  if (lines.length === 0) return [];
  return ['', heading('To accept it for a while (--ack FILE)', style), ...lines];
}

function levelLines({ serviceLevels }: NightlyVerdict): readonly string[] {
  const rest = serviceLevels.filter(({ state }) => state !== 'kept');
  const kept = serviceLevels.length - rest.length;
  return [
    ...rest.map((level) => `${level.state}: ${levelText(level)}`),
    ...(kept > 0 ? [`${kept} of ${serviceLevels.length} limits kept`] : []),
  ];
}

function qualityLines({ quality }: NightlyVerdict): readonly string[] {
  return quality.map(({ severity, message }) => `${severity}: ${message}`);
}

/** The figures without news, in one line. */
function quietLines({ series, history }: NightlyVerdict, style: TextStyle): readonly string[] {
  const quiet = series.filter(({ state }) => !NEWS.includes(state));
  if (quiet.length === 0) return [];
  const stable = quiet.filter(({ state }) => state === 'stable').length;
  const learning = quiet.length - stable;
  const text = [
    ...(stable > 0 ? [`${stable} of ${series.length} figures on their level`] : []),
    ...(learning > 0 ? [`${learning} with too few nights to tell`] : []),
  ].join(', ');
  const before = countedText(history.nights, 'night');
  return ['', dimmed(`${text} (${before} before this one)`, style)];
}

function moreLines(rest: readonly SeriesVerdict[]): readonly string[] {
  if (rest.length === 0) return [];
  const names = rest.slice(0, 3).map(figureName);
  const more = rest.length > names.length ? ', ...' : '';
  return ['', `and ${rest.length} more: ${names.join(', ')}${more}`];
}

function section(title: string, texts: readonly string[], style: TextStyle): readonly string[] {
  if (texts.length === 0) return [];
  const shown = texts.slice(0, MAX_LINES_OF_A_KIND);
  const more = texts.length - shown.length;
  return [
    '',
    heading(title, style),
    ...shown.flatMap((text) => wrapped(`- ${text}`, style.width)),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

function indented(text: string, style: TextStyle): readonly string[] {
  return text === '' ? [] : wrapped(text, style.width - 2).map((line) => `  ${line}`);
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
