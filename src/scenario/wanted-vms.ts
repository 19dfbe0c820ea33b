/** The templates whose VMs a step acts on: one, a list, or a mix with numbers. */

import type { Path } from './path.ts';
import type { Report } from './problem.ts';
import { checkKnown } from './suggest.ts';

/** The fields of a step that name templates. */
export interface VmsNamed {
  readonly template?: string | undefined;
  readonly count?: number | undefined;
  readonly templates?: readonly string[] | Readonly<Record<string, number>> | undefined;
}

export interface Wanted {
  readonly template: string;
  /** Undefined: all that are there. */
  readonly count: number | undefined;
  /** Where the template is named. */
  readonly templatePath: Path;
  /** Where the count, or else the template, is named. */
  readonly path: Path;
}

/** What a step names; unknown templates are reported and left out. */
export function wantedVms(
  document: VmsNamed,
  path: Path,
  templates: readonly string[],
  report: Report,
): readonly Wanted[] {
  const one = document.template !== undefined;
  const several = document.templates !== undefined;
  if (one === several) {
    const spot = several ? [...path, 'templates'] : path;
    const message = 'needs exactly one of template and templates';
    report(spot, message, several ? 'remove one of them' : 'name a template', 'key');
    return [];
  }
  if (several && document.count !== undefined) {
    const remedy = 'write for example templates: { rhel9: 60, windows11: 40 }';
    report([...path, 'count'], 'count belongs to a single template', remedy, 'key');
  }
  return wantedIn(document, path).filter((wanted) =>
    checkKnown(wanted.template, templates, 'template', wanted.templatePath, report),
  );
}

/** What a step names, unchecked. */
export function wantedIn(document: VmsNamed, path: Path): readonly Wanted[] {
  const { template, templates, count } = document;
  if (template !== undefined) {
    const templatePath = [...path, 'template'];
    return [
      {
        template,
        count,
        templatePath,
        path: count === undefined ? templatePath : [...path, 'count'],
      },
    ];
  }
  const named: readonly (readonly [string, number | undefined, string | number])[] = Array.isArray(
    templates,
  )
    ? [...new Set(templates)].map((key, i) => [key, undefined, i])
    : Object.entries(templates ?? {}).map(([key, n]) => [key, n, key]);
  return named.map(([key, n, part]) => {
    const at = [...path, 'templates', part];
    return { template: key, count: n, templatePath: at, path: at };
  });
}
