/** Charts as data made ready for chart.js, here and, by the same functions as text, on the page. */

import type { ChartSpec } from './chart-spec.ts';
import {
  type Configuration,
  CONFIGURATION_PARTS,
  type Surface,
  toConfiguration,
} from './configuration.ts';
import { DECORATION_PARTS, decorations } from './decorations.ts';
import { cssColour, FORMAT_PARTS, formatValue } from './format.ts';
import type { Theme } from './theme.ts';

export function configure(spec: ChartSpec, theme: Theme, surface: Surface): Configuration {
  return toConfiguration(spec, theme, surface, { cssColour, formatValue, decorations });
}

/** Code that defines `configure` and `cssColour` for a script. */
export function runtimeSource(): string {
  const parts = [...FORMAT_PARTS, ...DECORATION_PARTS, ...CONFIGURATION_PARTS];
  return [
    ...parts.map((part) => part.toString()),
    'const configure = (spec, theme, surface) =>',
    '  toConfiguration(spec, theme, surface, { cssColour, formatValue, decorations });',
  ].join('\n');
}
