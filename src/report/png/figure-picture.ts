/**
 * A figure as one picture for a slide: title, answer, panels, where the numbers come from. Panels
 * are rendered apart and put together here. A picture leaves its page, so whether the cluster was
 * simulated is written into it.
 */

import type { SKRSContext2D } from '@napi-rs/canvas';
import { LIGHT } from '../chart/theme.ts';
import type { Figure, PanelRow } from '../figures/figure.ts';
import { canvasWithFonts, FONT } from './fonts.ts';
import { PIXEL_RATIO, renderPixels, type Pixels } from './render-panel.ts';

/** Where the numbers come from, for the foot of each picture. */
export interface Provenance {
  readonly scenario: string;
  readonly run: string;
  readonly isSimulated: boolean;
}

const WIDTH = 1080;
const MARGIN = 28;
const GAP = 20;
const HEAD = 86;
const PANEL_HEAD = 26;
const FOOT = 34;

/** The PNG file of `figure`. */
export function figurePicture(figure: Figure, provenance: Provenance): Buffer {
  const { createCanvas } = canvasWithFonts();
  const bodyHeight = figure.rows.reduce((sum, row) => sum + row.height + PANEL_HEAD, 0);
  const height = HEAD + bodyHeight + FOOT;
  const canvas = createCanvas(WIDTH * PIXEL_RATIO, height * PIXEL_RATIO);
  const pen = canvas.getContext('2d');
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  pen.fillStyle = LIGHT.ground;
  pen.fillRect(0, 0, WIDTH, height);
  drawHead(pen, figure, provenance);
  let top = HEAD;
  for (const row of figure.rows) {
    drawRow(pen, row, top);
    top += row.height + PANEL_HEAD;
  }
  drawFoot(pen, provenance, height);
  return canvas.toBuffer('image/png');
}

function drawHead(pen: SKRSContext2D, figure: Figure, { isSimulated }: Provenance): void {
  const room = WIDTH - 2 * MARGIN - (isSimulated ? badgeWidth(pen) + GAP : 0);
  write(pen, shorten(pen, figure.title, room, TITLE), MARGIN, 38, TITLE, LIGHT.text);
  write(pen, shorten(pen, figure.answer, WIDTH - 2 * MARGIN, ANSWER), MARGIN, 64, ANSWER, LIGHT.muted);
  if (isSimulated) drawBadge(pen);
}

const TITLE = `bold 22px '${FONT}'`;
const ANSWER = `14px '${FONT}'`;
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

function drawRow(pen: SKRSContext2D, row: PanelRow, top: number): void {
  const shares = row.panels.reduce((sum, { share }) => sum + share, 0);
  const room = WIDTH - 2 * MARGIN - GAP * (row.panels.length - 1);
  let left = MARGIN;
  for (const panel of row.panels) {
    const width = Math.floor((room * panel.share) / shares);
    const title = shorten(pen, panel.title, width, PANEL_TITLE);
    write(pen, title, left, top + 17, PANEL_TITLE, LIGHT.text);
    putPixels(pen, renderPixels(panel.chart, { width, height: row.height }), left, top + PANEL_HEAD);
    left += width + GAP;
  }
}

function putPixels(pen: SKRSContext2D, { bgra, width, height }: Pixels, x: number, y: number) {
  const { createCanvas } = canvasWithFonts();
  const panel = createCanvas(width, height);
  const image = panel.getContext('2d').createImageData(width, height);
  const from = new Uint32Array(bgra.buffer, bgra.byteOffset, bgra.byteLength / 4);
  const to = new Uint32Array(image.data.buffer);
  for (let i = 0; i < from.length; i++) to[i] = swapRedAndBlue(from[i] as number);
  panel.getContext('2d').putImageData(image, 0, 0);
  pen.drawImage(panel, x, y, width / PIXEL_RATIO, height / PIXEL_RATIO);
}

function swapRedAndBlue(pixel: number): number {
  return (pixel & 0xff00ff00) | ((pixel & 0xff) << 16) | ((pixel >>> 16) & 0xff);
}

function drawFoot(pen: SKRSContext2D, { scenario, run, isSimulated }: Provenance, height: number) {
  const source = isSimulated ? 'embedded simulated cluster' : 'real cluster';
  const text = `bench · ${scenario} · run ${run} · ${source} · bars and bands: 95 % interval`;
  write(pen, shorten(pen, text, WIDTH - 2 * MARGIN, SMALL), MARGIN, height - 13, SMALL, LIGHT.muted);
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

/** The text, or as much of it as fits `room` pixels and an ellipsis. */
function shorten(pen: SKRSContext2D, text: string, room: number, font: string): string {
  pen.font = font;
  if (pen.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

