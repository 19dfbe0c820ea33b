/**
 * A twin: the simulation of a cluster that was measured, as `bench calibrate` wrote it. It is laid
 * over a scenario as if its fields were given with --set, so that a manifest holds all of it, and
 * before the user's own, which win.
 */

import { z } from 'zod';
import { reportIssues } from './issues.ts';
import { fileProblem, type Problem, reporter, sortProblems } from './problem.ts';
import { readYaml } from './read-yaml.ts';
import { jsonSchema } from './schema.ts';
import { simulation } from './simulation-schema.ts';
import { locate } from './yaml-source.ts';

export const TWIN_SCHEMA = 'bench/twin/v1';

const texts = z.array(z.string());

const fitted = z.object({
  schema: z.literal(TWIN_SCHEMA),
  /** As in a scenario: `3.7s`, `4e8`; `images.KEY.guest` stands for the sum of its times. */
  constants: z.array(
    z.object({
      constant: z.string(),
      value: z.string(),
      lo: z.string(),
      hi: z.string(),
      was: z.string(),
      /** The standard error of its logarithm. */
      logError: z.number(),
      /** Constants that the runs do not tell from it: all of them have one factor. */
      tiedTo: texts,
      stages: texts,
      runs: texts,
    }),
  ),
  notIdentified: z.array(z.object({ constant: z.string(), why: z.string() })),
  counters: z.record(z.string(), z.number()),
});

export type FittedDocument = z.output<typeof fitted>;

const twinDocument = z.strictObject({ simulation, fitted });

export interface Twin {
  readonly file: string;
  /** The section as it stands in the file. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly fitted: FittedDocument;
}

export type LoadedTwin = Twin | { readonly problems: readonly Problem[] };

/** The twin of a file, or all that is wrong with it. */
export function loadTwin(file: string): LoadedTwin {
  const read = readYaml(file);
  if ('problems' in read) return read;
  const { source, value } = read;
  const result = twinDocument.safeParse(value, { reportInput: true });
  if (!result.success) {
    const problems: Problem[] = [];
    const report = reporter(problems, (path, spot) => locate(source, path, spot));
    reportIssues(result.error.issues, jsonSchema(), report);
    return { problems: [noTwin(file), ...sortProblems(problems)] };
  }
  const { simulation: document } = value as { simulation: Record<string, unknown> };
  return { file, document, fitted: result.data.fitted };
}

/** `path=value` of each field, of images those alone that a scenario has. */
export function twinOverrides({ document }: Twin, images: readonly string[]): readonly string[] {
  const { images: contents = {}, ...sections } = document;
  const fields = Object.entries(sections).flatMap(([name, value]) => fieldTexts(name, value));
  const known = Object.entries(contents as Record<string, Record<string, unknown>>).filter(
    ([key]) => images.includes(key),
  );
  return [
    ...fields,
    ...known.flatMap(([key, content]) => fieldTexts(`images.${key}`, content)),
  ].map((text) => `simulation.${text}`);
}

/** A group is laid over field by field: what it does not name stays. */
function fieldTexts(path: string, value: unknown): readonly string[] {
  const isGroup = typeof value === 'object' && value !== null && path !== 'twin';
  if (!isGroup) return [`${path}=${JSON.stringify(value)}`];
  return Object.entries(value).map(([name, each]) => `${path}.${name}=${JSON.stringify(each)}`);
}

function noTwin(file: string): Problem {
  return fileProblem(file, 'is no twin', 'write one with bench calibrate RUN... --out twin.yaml');
}
