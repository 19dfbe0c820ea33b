/** Colours that can be read and told apart. */

import { describe, expect, test } from 'vitest';
import { DARK, IDENTITIES, pickIdentity, LIGHT } from '../../../src/report/chart/theme.ts';

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('%s', (_name, theme) => {
  test.each(['text', 'muted', 'badge'] as const)('%s reads at 4.5:1', (name) => {
    expect(contrast(theme[name], theme.ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme[name], theme.panel)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(IDENTITIES.map(({ colour }) => colour))('%s is seen at 3:1', (name) => {
    expect(contrast(theme[name], theme.ground)).toBeGreaterThanOrEqual(3);
  });
});

test('series differ in dash and marker too', () => {
  expect(new Set(IDENTITIES.map(({ dash }) => dash.join())).size).toBe(IDENTITIES.length);
  expect(new Set(IDENTITIES.map(({ marker }) => marker)).size).toBe(IDENTITIES.length);
});

test('PVC and snapshot look the same in every chart', () => {
  expect(pickIdentity('pvc', 5)).toBe(pickIdentity('pvc', 0));
  expect(pickIdentity('pvc', 0)).not.toEqual(pickIdentity('snapshot', 0));
});
