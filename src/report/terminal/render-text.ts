/** A document as text for a terminal: what fits a page, in the document's order. */

import { unreachable } from '../../core/assert.ts';
import type { Block, Section } from '../document/document.ts';
import { heading, type TextStyle, wrapped } from './text-table.ts';
import { plainText } from '../../core/plain-text.ts';
import { renderTable } from './render-table.ts';

/** The whole text, ending with a newline; sections apart by an empty line. */
export function renderText(sections: readonly Section[], style: TextStyle): string {
  const texts = sections.flatMap(({ title, blocks }) => {
    const lines = blocks.flatMap((block) => blockLines(block, style));
    if (lines.length === 0) return [];
    const heads = title === '' ? [] : wrapped(title, style.width);
    return [[...heads.map((line) => heading(line, style)), ...lines].join('\n')];
  });
  return `${texts.join('\n\n')}\n`;
}

function blockLines(block: Block, style: TextStyle): readonly string[] {
  switch (block.kind) {
    case 'status': {
      const [first = '', ...others] = wrapped(plainText(block.text), style.width);
      const remedy =
        block.remedy === undefined
          ? []
          : wrapped(`-> ${plainText(block.remedy)}`, style.width, '   ');
      return [heading(first, style), ...others, ...remedy];
    }
    case 'cards':
      return block.cards.flatMap(({ label, value, detail }) =>
        wrapped(plainText(`- ${label}: ${value} (${detail})`), style.width),
      );
    case 'table':
      return renderTable(block.table, style);
    case 'text':
      return block.paragraphs.flatMap((text) => wrapped(plainText(text), style.width));
    case 'verbatim':
      return [block.caption, ...block.text.split('\n').map(plainText)];
    // Pictures are for the page.
    case 'figure':
    case 'beside':
      return [];
    default:
      return unreachable(block);
  }
}
