/**
 * The verdict as Markdown, for a job summary, a pull request or a mail. GitHub drops a summary that
 * is too large as a whole, so this one is cut to `maxBytes`, at a row, and says what is missing.
 */

import { figureName } from '../../catalogue/names.ts';
import { keyText } from '../../compare/history/series.ts';
import type { NightlyVerdict, SeriesVerdict } from '../../compare/nightly/verdict.ts';
import { sparkline } from './sparkline.ts';
import {
  beforeText,
  blameText,
  changeText,
  feltText,
  levelText,
  NEWS,
  nowText,
  runText,
  sinceText,
  snippetLines,
  STATE_WORDS,
  VERDICT_WORDS,
  whereText,
} from './verdict-text.ts';

/** What GitHub takes for a job summary is 1024 KiB, for a comment 64 KiB. */
const SUMMARY_BYTES = 1000 * 1024;

export function verdictMarkdown(verdict: NightlyVerdict, maxBytes = SUMMARY_BYTES): string {
  const news = verdict.series.filter(({ state }) => NEWS.includes(state));
  const quiet = verdict.series.filter(({ state }) => !NEWS.includes(state));
  const head = [
    `## ${VERDICT_WORDS[verdict.verdict]}: ${text(runText(verdict))}`,
    '',
    text(verdict.headline),
    '',
    ...list(
      'Data',
      verdict.quality.map(({ severity, message }) => `${severity}: ${message}`),
    ),
    ...list(
      'Limits',
      verdict.serviceLevels.map((level) => `${level.state}: ${levelText(level)}`),
    ),
    ...list('What the cluster felt otherwise', (verdict.felt ?? []).map(feltText)),
  ];
  const tables = [
    ...(news.length === 0 ? [] : [...TABLE_HEAD, ...news.map(row), '']),
    ...news.flatMap(details),
    ...(quiet.length === 0
      ? []
      : [
          '<details><summary>All other figures</summary>',
          '',
          ...TABLE_HEAD,
          ...quiet.map(row),
          '',
          '</details>',
          '',
        ]),
  ];
  const snippet = snippetLines(verdict);
  const paste =
    snippet.length === 0
      ? []
      : ['To accept it for a while (`--ack FILE`):', '', '```yaml', ...snippet, '```', ''];
  return cut([...head, ...list('Notes', verdict.notes), ...tables, ...paste], maxBytes);
}

const TABLE_HEAD = [
  '| | figure | step | before | now | change | since | last 30 nights |',
  '| --- | --- | --- | ---: | ---: | ---: | --- | --- |',
];

function row(figure: SeriesVerdict): string {
  const cells = [
    STATE_WORDS[figure.state],
    figureName(figure),
    figure.step,
    beforeText(figure),
    nowText(figure),
    changeText(figure),
    sinceText(figure),
    sparkline(figure.recent),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function details(figure: SeriesVerdict): readonly string[] {
  const texts = [whereText(figure), blameText(figure)].filter((part) => part !== '');
  const acknowledged = figure.change?.acknowledged;
  const why =
    acknowledged === undefined
      ? []
      : [`acknowledged until ${acknowledged.until}: ${acknowledged.reason}`];
  if (texts.length + why.length === 0) return [];
  const title = `**${text(keyText(figure))}**`;
  return [title, '', ...[...texts, ...why].map((part) => `- ${text(part)}`), ''];
}

function list(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  return [`**${title}**`, '', ...items.map((item) => `- ${text(item)}`), ''];
}

const CUT = '\n... cut here: verdict.json has all of it\n';

function cut(lines: readonly string[], maxBytes: number): string {
  const all = `${lines.join('\n')}\n`;
  if (Buffer.byteLength(all) <= maxBytes) return all;
  const kept: string[] = [];
  let bytes = Buffer.byteLength(CUT);
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > maxBytes) break;
    kept.push(line);
  }
  return `${kept.join('\n')}${CUT}`;
}

function cell(value: string): string {
  return text(value).replaceAll('|', '\\|');
}

/** Names come from scenarios and clusters: no markup, no second line. */
function text(value: string): string {
  return value
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]]/g, (character) => `\\${character}`);
}
