/** A report as data: what is said, in which order. Renderers turn it into HTML or Markdown. */

import type { Figure, Table } from '../figures/figure.ts';
import type { Provenance } from '../png/figure-picture.ts';

export interface ReportDocument {
  readonly title: string;
  readonly provenance: readonly Provenance[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  /** How a run ended and whether its figures hold, with what to do where they do not. */
  | {
      readonly kind: 'status';
      readonly text: string;
      readonly remedy?: string;
      readonly tone: Card['tone'];
    }
  | { readonly kind: 'cards'; readonly cards: readonly Card[] }
  | { readonly kind: 'figure'; readonly figure: Figure; readonly of: Provenance }
  | { readonly kind: 'table'; readonly table: Table; readonly isFolded?: boolean }
  | { readonly kind: 'text'; readonly paragraphs: readonly string[] }
  | { readonly kind: 'verbatim'; readonly caption: string; readonly text: string }
  /** Several runs next to each other. */
  | { readonly kind: 'beside'; readonly columns: readonly Column[] };

export interface Column {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** One headline number. */
export interface Card {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly tone: 'good' | 'bad' | 'plain';
}

/** All figures, in the order in which they are shown. */
export function figuresIn({ sections }: ReportDocument): readonly FigureBlock[] {
  return sections.flatMap(({ blocks }) => blocks.flatMap(figuresOfBlock));
}

function figuresOfBlock(block: Block): readonly FigureBlock[] {
  if (block.kind === 'figure') return [block];
  if (block.kind !== 'beside') return [];
  return block.columns.flatMap(({ blocks }) => blocks.flatMap(figuresOfBlock));
}

type FigureBlock = Extract<Block, { readonly kind: 'figure' }>;
