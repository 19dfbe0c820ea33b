/**
 * Colours by what they stand for. Charts name them (`@pvc`, `@text/60` with an opacity in percent),
 * and each surface fills in its own: so one chart serves a light page, a dark page and a picture.
 * The hues are Okabe and Ito's, which people with any colour vision tell apart; those that were too
 * pale for 3:1 against the ground are darkened or lightened. Colour is never the only sign: series
 * also differ in dash and in marker.
 */

import { safeTable } from '../../core/table.ts';

export type ColourName =
  | 'ground'
  | 'panel'
  | 'text'
  | 'muted'
  | 'grid'
  | 'orange'
  | 'blue'
  | 'vermillion'
  | 'green'
  | 'purple'
  | 'sky'
  | 'grey'
  | 'badge';

/** `@blue`, or `@blue/25` for a quarter of its opacity; any other text is a CSS colour itself. */
export type Colour = `@${ColourName}` | `@${ColourName}/${number}` | `#${string}`;

export type Theme = Readonly<Record<ColourName, string>>;

export const LIGHT: Theme = {
  ground: '#ffffff',
  panel: '#f6f8fa',
  text: '#16202c',
  muted: '#52606f',
  grid: '#dfe5ec',
  orange: '#c68300',
  blue: '#0072b2',
  vermillion: '#d55e00',
  green: '#008a64',
  purple: '#a8508a',
  sky: '#2e86c1',
  grey: '#6b7785',
  badge: '#8a4b00',
};

export const DARK: Theme = {
  ground: '#12161c',
  panel: '#1a2029',
  text: '#e8edf3',
  muted: '#a3b0be',
  grid: '#2c3541',
  orange: '#e69f00',
  blue: '#56b4e9',
  vermillion: '#ff8a47',
  green: '#2cc295',
  purple: '#d98fbb',
  sky: '#7cc4ee',
  grey: '#8c99a8',
  badge: '#f0c060',
};

/** How one series of a chart is told from the others. */
export interface Identity {
  readonly colour: ColourName;
  readonly dash: readonly number[];
  readonly marker: Marker;
}

export type Marker = 'circle' | 'rect' | 'triangle' | 'rectRot' | 'star' | 'crossRot' | 'line';

/** In order of use, where a series has no colour of its own. */
export const IDENTITIES: readonly Identity[] = [
  { colour: 'vermillion', dash: [], marker: 'circle' },
  { colour: 'blue', dash: [7, 4], marker: 'rect' },
  { colour: 'green', dash: [2, 3], marker: 'triangle' },
  { colour: 'purple', dash: [9, 3, 2, 3], marker: 'rectRot' },
  { colour: 'orange', dash: [12, 4], marker: 'star' },
  { colour: 'grey', dash: [4, 2], marker: 'crossRot' },
];

const KNOWN = safeTable<Identity>({
  pvc: { colour: 'orange', dash: [], marker: 'circle' },
  snapshot: { colour: 'blue', dash: [7, 4], marker: 'rect' },
});

/** The identity of the series with this key, which is the n-th of its chart. */
export function pickIdentity(key: string, n: number): Identity {
  return KNOWN[key] ?? (IDENTITIES[n % IDENTITIES.length] as Identity);
}

/** Cividis (Nuñez, Anderton, Renslow 2018) in ten steps: order survives grey and any eye. */
export const SEQUENCE: readonly `#${string}`[] = [
  '#00224e',
  '#123570',
  '#3b496c',
  '#575d6d',
  '#707173',
  '#8a8678',
  '#a59c74',
  '#c3b369',
  '#e1cc55',
  '#fee838',
];
