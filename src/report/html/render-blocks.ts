/** The parts of a document as HTML. Every text that is not a literal here is escaped. */

import { unreachable } from '../../core/assert.ts';
import type { Block, Card, Column } from '../document/document.ts';
import { altText, type Figure, type PanelRow, type Table } from '../figures/figure.ts';
import type { Provenance } from '../png/figure-picture.ts';
import { isFigure } from '../wording/numbers.ts';
import { escapeHtml } from './escape.ts';
import { simulatedWords } from '../wording/twin-words.ts';

/** The picture of a figure for readers without scripts, as a data URL. */
export type PictureOf = (figure: Figure, of: Provenance) => string;

export interface RenderContext {
  readonly pictureOf: PictureOf;
  /** Takes a chart for the page's script; returns the key under which it finds it. */
  keep(figure: Figure, row: number, panel: number): string;
  /** Makes ids unique where the same figure comes several times. */
  uniqueId(id: string): string;
}

export function renderBlock(block: Block, context: RenderContext): string {
  switch (block.kind) {
    case 'status':
      return renderStatus(block);
    case 'cards':
      return `<ul class="cards">${block.cards.map(renderCard).join('')}</ul>`;
    case 'figure':
      return renderFigure(block.figure, block.of, context);
    case 'table':
      return block.isFolded ? foldedTable(block.table) : renderTable(block.table);
    case 'text':
      return block.paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('');
    case 'verbatim':
      return renderVerbatim(block.caption, block.text);
    case 'beside':
      return renderColumns(block.columns, context);
    default:
      return unreachable(block);
  }
}

function renderStatus({ text, remedy, tone }: Extract<Block, { readonly kind: 'status' }>): string {
  const role = tone === 'bad' ? ' role="alert"' : '';
  const advice = remedy === undefined ? '' : `<br>What to do: ${escapeHtml(remedy)}`;
  return `<p class="status ${tone}"${role}>${MARKS[tone]}${escapeHtml(text)}${advice}</p>`;
}

const MARKS: Readonly<Record<Card['tone'], string>> = { good: '✓ ', bad: '✗ ', plain: '' };

function renderCard({ label, value, detail, tone }: Card): string {
  return (
    `<li class="card ${tone}"><span class="label">${escapeHtml(label)}</span>` +
    `<strong>${MARKS[tone]}${escapeHtml(value)}</strong>` +
    `<span class="detail">${escapeHtml(detail)}</span></li>`
  );
}

function renderColumns(columns: readonly Column[], context: RenderContext): string {
  const parts = columns.map(({ title, blocks }) => {
    const body = blocks.map((block) => renderBlock(block, context)).join('');
    return `<div class="column"><h3>${escapeHtml(title)}</h3>${body}</div>`;
  });
  return `<div class="beside">${parts.join('')}</div>`;
}

function renderVerbatim(caption: string, text: string): string {
  const label = escapeHtml(caption);
  const body = `<pre tabindex="0" role="group" aria-label="${label}">${escapeHtml(text)}</pre>`;
  return `<details><summary>${label}</summary>${body}</details>`;
}

function renderFigure(figure: Figure, of: Provenance, context: RenderContext): string {
  const id = context.uniqueId(figure.id);
  const words = escapeHtml(simulatedWords(of.twin));
  const badge = of.isSimulated ? `<span class="badge">${words}</span>` : '';
  const doubt = of.invalid === undefined ? '' : `<p class="doubt">${escapeHtml(of.invalid)}</p>`;
  const notes = (figure.notes ?? []).map((note) => `<li>${escapeHtml(note)}</li>`).join('');
  const rows = figure.rows.map((row, r) => renderRow(figure, row, r, context)).join('');
  const alt = escapeHtml(altText(figure));
  return (
    `<figure id="${escapeHtml(id)}" aria-labelledby="${escapeHtml(id)}-title">` +
    `<figcaption><p class="question">${escapeHtml(figure.question)}${badge}</p>` +
    `<h3 id="${escapeHtml(id)}-title">${escapeHtml(figure.title)}</h3>` +
    `${doubt}<p class="answer">${escapeHtml(figure.answer)}</p></figcaption>` +
    `<div class="panels">${rows}</div>` +
    `<noscript><img src="${context.pictureOf(figure, of)}" alt="${alt}"></noscript>` +
    foldedTable(figure.table) +
    (notes === '' ? '' : `<ul class="notes">${notes}</ul>`) +
    `</figure>`
  );
}

function renderRow(figure: Figure, row: PanelRow, r: number, context: RenderContext): string {
  const panels = row.panels.map(({ title, share }, p) => {
    const key = context.keep(figure, r, p);
    const name = escapeHtml(`${title}. ${figure.answer}`);
    return (
      `<div class="panel" data-share="${share}"><h4>${escapeHtml(title)}</h4>` +
      `<div class="chart" data-chart="${escapeHtml(key)}" data-height="${row.height}" ` +
      `data-name="${name}"></div></div>`
    );
  });
  return `<div class="row" data-panels="${row.panels.length}">${panels.join('')}</div>`;
}

function foldedTable(table: Table): string {
  const count = table.rows.length;
  const summary = `${escapeHtml(table.caption)} <small>(table, ${count} rows)</small>`;
  return `<details><summary>${summary}</summary>${renderTable(table, true)}</details>`;
}

/** More rows than anybody reads on a page; the CSV files have them all. */
const ROWS_MOST = 400;

function renderTable({ caption, headers, rows, legend }: Table, isCaptionHidden = false): string {
  const head = headers.map((header) => `<th scope="col">${escapeHtml(header)}</th>`).join('');
  const body = rows.slice(0, ROWS_MOST).map(renderTableRow).join('');
  const rest = rows.length - ROWS_MOST;
  const more = rest > 0 ? `<p class="more">${rest} more rows are in the CSV files.</p>` : '';
  const hidden = isCaptionHidden ? ' class="unseen"' : '';
  const read = legend === undefined ? '' : `<p class="more">${escapeHtml(legend)}</p>`;
  return (
    `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(caption)}">` +
    `<table><caption${hidden}>${escapeHtml(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${more}${read}`
  );
}

function renderTableRow(row: Table['rows'][number]): string {
  const cells = row.map((cell, i) => {
    const text = escapeHtml(String(cell));
    if (i === 0) return `<th scope="row">${text}</th>`;
    return isNumeric(cell)
      ? `<td class="number">${withSmallInterval(text)}</td>`
      : `<td>${text}</td>`;
  });
  return `<tr>${cells.join('')}</tr>`;
}

/** An interval in brackets goes below its number: tables of them are wide enough. */
function withSmallInterval(text: string): string {
  return text.replace(/^([^(]+) (\([^()]+\))$/, '$1<br><small>$2</small>');
}

/** Numbers, also with a unit or an interval, are set right. */
function isNumeric(cell: string | number): boolean {
  return typeof cell === 'number' || isFigure(cell);
}
