/**
 * A figure as one picture for a slide: title, answer, panels, where the numbers come from. Panels
 * are rendered apart and put together here. A picture leaves its page, so whether the cluster was
 * simulated is written into it.
 */

import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { LIGHT } from '../chart/theme.ts';
import type { Figure, PanelRow } from '../figures/figure.ts';
import { type Bitmap, halved, place, whiteBitmap } from './bitmap.ts';
import { FONT, prepareFonts } from './fonts.ts';
import { palettePng } from './palette-png.ts';
import { PIXEL_RATIO, renderPixels } from './render-panel.ts';
import type { TwinFact } from '../../record/manifest.ts';
import { simulatedWords } from '../wording/twin-words.ts';
import { splitWords } from '../wording/words.ts';

/** Where the numbers come from, for the foot of each picture. */
export interface Provenance {
  readonly scenario: string;
  readonly run: string;
  readonly isSimulated: boolean;
  /** What a simulated one stands for; absent where its constants are bench's own. */
  readonly twin?: TwinFact | undefined;
  /** The name of the cluster that was measured. */
  readonly where?: string;
  /** Why the figures are not to be trusted; absent where they are. */
  readonly invalid?: string;
  /** Said in place of scenario, run and cluster, where the numbers are not of one run. */
  readonly caption?: string;
}

const WIDTH = 1080;
const MARGIN = 28;
const GAP = 20;
const HEAD = 74;
const ANSWER_LINE = 19;
const ANSWER_LINES_MOST = 3;
const PANEL_HEAD = 26;
const FOOT = 34;

/** A figure's picture in two sizes. */
export interface FigurePicture {
  /** The PNG file, two pixels to a CSS pixel. */
  readonly file: Buffer;
  /** One pixel to a CSS pixel, for the page of those who run no scripts. */
  readonly inline: Buffer;
}

export function figurePicture(figure: Figure, provenance: Provenance): FigurePicture {
  prepareFonts();
  const answer = wrap(figure.answer, WIDTH - 2 * MARGIN, ANSWER);
  const doubt = provenance.invalid ? wrap(provenance.invalid, WIDTH - 2 * MARGIN, DOUBT) : [];
  const head = HEAD + (answer.length + doubt.length) * ANSWER_LINE;
  const bodyHeight = figure.rows.reduce((sum, row) => sum + row.height + PANEL_HEAD, 0);
  const height = head + bodyHeight + FOOT;
  const picture = whiteBitmap(WIDTH * PIXEL_RATIO, height * PIXEL_RATIO);
  const put = (part: Bitmap, x: number, y: number) =>
    place(picture, part, x * PIXEL_RATIO, y * PIXEL_RATIO);
  put(
    strip(head, (pen) => drawHead(pen, figure.title, { doubt, answer }, provenance)),
    0,
    0,
  );
  let top = head;
  for (const row of figure.rows) {
    putRow(put, row, top);
    top += row.height + PANEL_HEAD;
  }
  put(
    strip(FOOT, (pen) => drawFoot(pen, provenance)),
    0,
    height - FOOT,
  );
  return { file: palettePng(picture), inline: palettePng(halved(picture)) };
}

/** Words across the whole width, `height` CSS pixels high. */
function strip(height: number, draw: (pen: SKRSContext2D) => void): Bitmap {
  const canvas = createCanvas(WIDTH * PIXEL_RATIO, height * PIXEL_RATIO);
  const pen = canvas.getContext('2d');
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  pen.fillStyle = LIGHT.ground;
  pen.fillRect(0, 0, WIDTH, height);
  draw(pen);
  const { width, height: rows } = canvas;
  const bitmap = { width, height: rows, rgba: new Uint8Array(canvas.data()) };
  canvas.width = canvas.height = 1;
  return bitmap;
}

function drawHead(
  pen: SKRSContext2D,
  title: string,
  { doubt, answer }: { readonly doubt: readonly string[]; readonly answer: readonly string[] },
  { isSimulated }: Provenance,
): void {
  const room = WIDTH - 2 * MARGIN - (isSimulated ? badgeWidth(pen) + GAP : 0);
  write(pen, shorten(pen, title, room, TITLE), MARGIN, 38, TITLE, LIGHT.text);
  doubt.forEach((text, i) =>
    write(pen, text, MARGIN, 64 + i * ANSWER_LINE, DOUBT, LIGHT.vermillion),
  );
  const top = 64 + doubt.length * ANSWER_LINE;
  answer.forEach((text, i) => write(pen, text, MARGIN, top + i * ANSWER_LINE, ANSWER, LIGHT.muted));
  if (isSimulated) drawBadge(pen);
}

const TITLE = `bold 22px '${FONT}'`;
const ANSWER = `14px '${FONT}'`;
const DOUBT = `bold 14px '${FONT}'`;
const PANEL_TITLE = `bold 13.5px '${FONT}'`;
const SMALL = `11px '${FONT}'`;
const BADGE = `bold 12px '${FONT}'`;
const BADGE_TEXT = 'SIMULATED CLUSTER';

function badgeWidth(pen: SKRSContext2D): number {
  pen.font = BADGE;
  return pen.measureText(BADGE_TEXT).width + 24;
}

function drawBadge(pen: SKRSContext2D): void {
  const width = badgeWidth(pen);
  const left = WIDTH - MARGIN - width;
  pen.strokeStyle = LIGHT.badge;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(left, 18, width, 26, 13);
  pen.stroke();
  write(pen, BADGE_TEXT, left + 12, 35.5, BADGE, LIGHT.badge);
}

type Put = (part: Bitmap, x: number, y: number) => void;

function putRow(put: Put, row: PanelRow, top: number): void {
  const shares = row.panels.reduce((sum, { share }) => sum + share, 0);
  const room = WIDTH - 2 * MARGIN - GAP * (row.panels.length - 1);
  let left = MARGIN;
  const places = row.panels.map((panel) => {
    const width = Math.floor((room * panel.share) / shares);
    const placed = { panel, left, width };
    left += width + GAP;
    return placed;
  });
  const drawTitles = (pen: SKRSContext2D) => {
    for (const { panel, left: x, width } of places) {
      write(pen, shorten(pen, panel.title, width, PANEL_TITLE), x, 17, PANEL_TITLE, LIGHT.text);
    }
  };
  put(strip(PANEL_HEAD, drawTitles), 0, top);
  for (const { panel, left: x, width } of places) {
    put(renderPixels(panel.chart, { width, height: row.height }), x, top + PANEL_HEAD);
  }
}

function drawFoot(pen: SKRSContext2D, provenance: Provenance): void {
  const { scenario, run, isSimulated, twin, where, caption } = provenance;
  const cluster = isSimulated ? simulatedWords(twin) : 'cluster';
  const source = where === undefined || twin !== undefined ? cluster : `${cluster} ${where}`;
  const said = twin === undefined ? caption : caption && `${caption} · ${cluster}`;
  const subject = said ?? `${scenario} · run ${run} · ${source}`;
  const text = `bench · ${subject} · whiskers and bands: 95 % intervals`;
  write(pen, shorten(pen, text, WIDTH - 2 * MARGIN, SMALL), MARGIN, FOOT - 13, SMALL, LIGHT.muted);
}

function write(
  pen: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  font: string,
  colour: string,
): void {
  pen.font = font;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

/** The text in lines of at most `room` pixels; what needs more lines than there are is cut. */
function wrap(text: string, room: number, font: string): readonly string[] {
  const pen = createCanvas(1, 1).getContext('2d');
  pen.font = font;
  const lines: string[] = [];
  let line = '';
  for (const word of splitWords(text)) {
    const longer = line === '' ? word : `${line} ${word}`;
    const isLast = lines.length === ANSWER_LINES_MOST - 1;
    if (isLast || pen.measureText(longer).width <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, shorten(pen, line, room, font)];
}

/** The text, or as much of it as fits `room` pixels and an ellipsis. */
function shorten(pen: SKRSContext2D, text: string, room: number, font: string): string {
  pen.font = font;
  if (pen.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}
