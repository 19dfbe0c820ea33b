/** Trends as files: a page with a figure for each series, and a picture. */

import type { Trend } from '../../compare/trend/trend.ts';
import type { TrendGroup } from '../../compare/trend/trend-groups.ts';
import type { ReportDocument, Section } from '../document/document.ts';
import type { Figure } from '../figures/figure.ts';
import { renderHtml } from '../html/render-html.ts';
import { figurePicture, type Provenance } from '../png/figure-picture.ts';
import { trendFigure, trendsFigure } from './trend-figure.ts';
import { gravestFirst, namedTrends } from './trend-order.ts';
import { groupTitle } from './trend-terminal.ts';

export interface TrendFiles {
  readonly html: () => string;
  readonly png: () => Buffer;
}

/** The files of a history's trends; there is at least one group. */
export function filesOfGroups(groups: readonly TrendGroup[]): TrendFiles {
  const sections = groups.map((group, g): Section => {
    const of = describeProvenance(group);
    const figures = gravestFirst(namedTrends(group)).map(({ title, trend, unit }, i) =>
      trendFigure(`g${g}-s${i}`, title, trend, unit),
    );
    const blocks = figures.map((figure) => ({ kind: 'figure', figure, of }) as const);
    return { id: `group-${g}`, title: groupTitle(group), blocks };
  });
  const title = 'Nights of scale benchmarks';
  return {
    html: () => page({ title, provenance: groups.map(describeProvenance), sections }),
    png: () => {
      const all = groups.flatMap(namedTrends);
      const [first] = groups as readonly [TrendGroup, ...TrendGroup[]];
      const of = describeProvenance(first);
      return figurePicture(trendsFigure('trend', title, all), of).file;
    },
  };
}

/** The files of a bare series. */
export function filesOfSeries(file: string, trend: Trend): TrendFiles {
  const of: Provenance = { scenario: file, run: '', isSimulated: false, caption: `series ${file}` };
  const figure = trendFigure('series', file, trend, 'plain');
  const section = {
    id: 'series',
    title: 'Series',
    blocks: [{ kind: 'figure', figure, of } as const],
  };
  return {
    html: () => page({ title: `Series ${file}`, provenance: [of], sections: [section] }),
    png: () => figurePicture(figure, of).file,
  };
}

function describeProvenance(group: TrendGroup): Provenance {
  const { scenario, target } = group;
  return {
    scenario,
    run: '',
    isSimulated: target === 'simulated',
    caption: groupTitle(group),
  };
}

function page(document: ReportDocument): string {
  return renderHtml(document, (figure: Figure, of) => {
    const png = figurePicture(figure, of).inline;
    return `data:image/png;base64,${png.toString('base64')}`;
  });
}
