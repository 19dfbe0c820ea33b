/**
 * A document as one HTML file that opens anywhere and asks the network for nothing. The content
 * security policy names our scripts by their hash, so markup that slipped through escaping could
 * still not run.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { drawable } from '../chart/drawable.ts';
import { runtimeSource } from '../chart/runtime.ts';
import { DARK, LIGHT } from '../chart/theme.ts';
import { readAsset } from '../assets/assets.ts';
import type { ReportDocument, Section } from '../document/document.ts';
import { escapeHtml, scriptCode, scriptJson } from './escape.ts';
import { type PictureOf, renderBlock, type RenderContext } from './render-blocks.ts';
import { simulatedWords } from '../wording/twin-words.ts';

const THEMES = { light: LIGHT, dark: DARK };

export function renderHtml(document: ReportDocument, pictureOf: PictureOf): string {
  const charts: Record<string, ChartSpec> = {};
  const context = createContext(charts, pictureOf);
  const body = document.sections.map((section) => renderSection(section, context)).join('\n');
  const style = readAsset('html/page.css');
  const code = pageCode();
  const policy = [
    "default-src 'none'",
    `script-src '${hashText(code)}'`,
    `style-src '${hashText(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(document.title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#${escapeHtml(document.sections[0]?.id ?? '')}">Skip to the results</a>
<header class="page">${renderHead(document)}</header>
<nav aria-label="Sections"><ul>${document.sections.map(renderLink).join('')}</ul></nav>
<main>
${body}
</main>
<script type="application/json" id="charts">${scriptJson({ charts, themes: THEMES })}</script>
<script>${code}</script>
</body>
</html>
`;
}

function createContext(charts: Record<string, ChartSpec>, pictureOf: PictureOf): RenderContext {
  const seen = new Map<string, number>();
  let next = 0;
  return {
    pictureOf,
    keep(figure, row, panel) {
      const key = `c${next++}`;
      const chart = figure.rows[row]?.panels[panel]?.chart;
      if (chart !== undefined) charts[key] = drawable(chart);
      return key;
    },
    uniqueId(id) {
      const times = seen.get(id) ?? 0;
      seen.set(id, times + 1);
      return times === 0 ? id : `${id}-${times + 1}`;
    },
  };
}

function renderHead({ title, provenance }: ReportDocument): string {
  const runs = provenance.map(({ scenario, run, isSimulated, twin, caption }) => {
    const badge = isSimulated
      ? `<span class="badge">${escapeHtml(simulatedWords(twin))}</span>`
      : '<span class="badge real">real cluster</span>';
    if (caption !== undefined) return `<p>${escapeHtml(caption)} ${isSimulated ? badge : ''}</p>`;
    return `<p>scenario ${escapeHtml(scenario)}, run ${escapeHtml(run)} ${badge}</p>`;
  });
  return `<h1>${escapeHtml(title)}</h1>${runs.join('')}`;
}

function renderLink({ id, title }: Section): string {
  return `<li><a href="#${escapeHtml(id)}">${escapeHtml(title)}</a></li>`;
}

function renderSection({ id, title, blocks }: Section, context: RenderContext): string {
  const name = escapeHtml(id);
  const body = blocks.map((block) => renderBlock(block, context)).join('\n');
  const heading = `<h2 id="${name}-h">${escapeHtml(title)}</h2>`;
  return `<section id="${name}" aria-labelledby="${name}-h">${heading}\n${body}</section>`;
}

/** chart.js, the functions that pictures share with the page, and the page's own behaviour. */
function pageCode(): string {
  const library = createRequire(import.meta.url).resolve('chart.js');
  const chartJs = readFileSync(join(dirname(library), 'chart.umd.min.js'), 'utf8');
  const withoutMap = chartJs.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
  const parts = [withoutMap, `(() => {\n${runtimeSource()}\n${readAsset('html/page.js')}\n})();`];
  return scriptCode(parts.join('\n'));
}

function hashText(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
