/**
 * The page in a real Chromium. Where there is none the tests are skipped, loudly; never in CI,
 * which installs one.
 */

import { env } from 'node:process';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostileRun, reportOf, sampleRun } from '../reported.ts';
import { BROWSER_PATH, launch, visit } from './browser.ts';

test('there is a browser to test with', ({ skip }) => {
  if (BROWSER_PATH !== undefined) return;
  expect(env['CI'], 'CI has to install Chromium').not.toBe('true');
  skip('NO CHROMIUM FOUND: the page is not tested in a browser');
});

describe.skipIf(BROWSER_PATH === undefined)('in Chromium', () => {
  let browser: Browser;
  let path = '';
  let hostilePath = '';

  beforeAll(async () => {
    path = (await reportOf(sampleRun())).page;
    hostilePath = (await reportOf(hostileRun())).page;
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
  });

  test.each([
    ['light, wide', {}],
    ['dark', { colorScheme: 'dark' as const }],
    ['narrow', { viewport: { width: 390, height: 800 } }],
    ['scripts off', { javaScriptEnabled: false }],
  ])('%s: no complaint, nothing leaves the page, nothing sticks out', async (_name, options) => {
    const { page, complaints } = await visit(browser, path, options);
    expect(complaints).toEqual([]);
    const { width } = page.viewportSize() ?? { width: 0 };
    const body = await page.locator('body').boundingBox();
    expect(body?.width).toBeLessThanOrEqual(width);
    await page.context().close();
  });

  test('charts that are not drawn yet stick out no more than those that are', async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 300 } });
    await page.goto(`file://${path}`);
    const undrawn = "document.querySelectorAll('.canvas canvas:not([style])').length";
    expect(await page.evaluate(undrawn)).toBeGreaterThan(0);
    const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(beyond)).toBe(0);
    await page.context().close();
  });

  test('draws every chart', async () => {
    const { page } = await visit(browser, path);
    const blank = await page.evaluate(`[...document.querySelectorAll('.canvas canvas')]
      .filter((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return !data.some((byte) => byte !== 0);
      }).length`);
    expect(blank).toBe(0);
    expect(await page.locator('.canvas canvas').count()).toBeGreaterThan(30);
    expect(await page.locator('figure img').count()).toBe(0);
    await page.context().close();
  });

  test('without scripts shows the pictures instead', async () => {
    const { page } = await visit(browser, path, { javaScriptEnabled: false });
    const images = page.locator('figure img');
    expect(await images.count()).toBe(await page.locator('figure').count());
    expect(await images.first().isVisible()).toBe(true);
    expect(await page.locator('.panels').first().isVisible()).toBe(false);
    await page.context().close();
  });

  test('names that want to be markup do nothing', async () => {
    const { page, complaints } = await visit(browser, hostilePath);
    expect(complaints).toEqual([]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('h2, figure').count()).toBeGreaterThan(10);
    await page.context().close();
  });

  test('series are hidden and shown by buttons, also from the keyboard', async () => {
    const { page } = await visit(browser, path);
    const button = page.locator('#time-to-n .keys button').first();
    await button.focus();
    const before = await pixels(page, '#time-to-n canvas[role=img]');
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    expect(await pixels(page, '#time-to-n canvas[role=img]')).not.toBe(before);
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await pixels(page, '#time-to-n canvas[role=img]')).toBe(before);
    await page.context().close();
  });

  test('dragging across a chart looks closer, and a button shows all again', async () => {
    const { page } = await visit(browser, path);
    const chart = page.locator('#waves .canvas').first();
    await chart.scrollIntoViewIfNeeded();
    const before = await pixels(page, '#waves canvas[role=img]');
    const box = await chart.boundingBox();
    if (box === null) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    const all = page.locator('#waves').getByRole('button', { name: 'Show all' });
    expect(await all.count()).toBe(1);
    await all.click();
    await page.mouse.move(0, 0);
    expect(await all.count()).toBe(0);
    expect(await pixels(page, '#waves canvas[role=img]')).toBe(before);
    await page.context().close();
  });

  test('arrow keys read the values aloud', async () => {
    const { page } = await visit(browser, path);
    await page.locator('#ecdf .canvas').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const said = await page.locator('#ecdf [role=status]').first().textContent();
    expect(said).toMatch(/seconds.*: [\d.]+ s, PVC: [\d.]+ %/);
    await page.context().close();
  });

  test('the colours can be chosen', async () => {
    const { page } = await visit(browser, path);
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    const button = page.getByRole('button', { name: /^Colours/ });
    await button.click();
    expect(await ground()).toBe(light);
    await button.click();
    expect(await ground()).not.toBe(light);
    await page.context().close();
  });

  test('prints on white what is on the page, without tables that nobody unfolded', async () => {
    const { page } = await visit(browser, path, { colorScheme: 'dark' });
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(100_000);
    const sheets = pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
    const figures = await page.locator('figure').count();
    // A figure has a page at the most, and tables and words have a few.
    expect(sheets).toBeGreaterThan(2);
    expect(sheets).toBeLessThanOrEqual(figures + 4);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe('rgb(255, 255, 255)');
    expect(await page.locator('nav').isVisible()).toBe(false);
    const tables = page.locator('details');
    expect(await tables.count()).toBeGreaterThan(5);
    expect(await tables.first().isVisible()).toBe(false);
    await page.evaluate(`document.querySelector('details').open = true`);
    expect(await tables.first().isVisible()).toBe(true);
    const height = `getComputedStyle(document.querySelector('details .scroll')).maxHeight`;
    expect(await page.evaluate(height)).toBe('none');
    await page.context().close();
  });

  // Only colours differ between the schemes.
  test.each([
    ['light', ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']],
    ['dark', ['color-contrast']],
  ] as const)('axe finds nothing to mend (%s)', async (colorScheme, runOnly) => {
    const { page } = await visit(browser, path, { colorScheme, bypassCSP: true });
    await page.evaluate(`for (const d of document.querySelectorAll('details')) d.open = true`);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
      `axe.run(document, { runOnly: ${JSON.stringify(runOnly)} })`,
    );
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}; ${nodes[0]?.html}`);
    expect(found).toEqual([]);
    await page.context().close();
  });
});

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What the first such canvas shows. */
function pixels(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector(${JSON.stringify(selector)}).toDataURL()`);
}
