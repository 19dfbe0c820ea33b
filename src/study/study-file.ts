/** study.yaml: a question as a file, or all that is wrong with it, with line and column. */

import { dirname, isAbsolute, join } from 'node:path';
import { isMap } from 'yaml';
import { UsageError } from '../core/usage-error.ts';
import { reportIssues } from '../scenario/issues.ts';
import { readSource } from '../scenario/load.ts';
import {
  type Position,
  type Problem,
  type Report,
  reporter,
  sortProblems,
} from '../scenario/problem.ts';
import { readYaml } from '../scenario/read-yaml.ts';
import { locate, parseYaml, type YamlSource } from '../scenario/yaml-source.ts';
import { parseLevel, rangeOf } from './level.ts';
import type { Vary } from './points.ts';
import {
  type AskedSearch,
  EMBEDDED,
  seedPlace,
  type StudyCluster,
  type StudyQuestion,
} from './question.ts';
import {
  type ClusterDocument,
  type StudyDocument,
  studyJsonSchema,
  studySchema,
} from './study-schema.ts';

export interface LoadedStudy {
  readonly question: StudyQuestion;
  readonly text: string;
  /** The scenario as the file names it. */
  readonly named: string;
  /** Whether that is one that comes with bench, and no file of the user's. */
  readonly isShipped: boolean;
  /** Where the file says `path=value`, for what the scenario has to say about it. */
  readonly places: ReadonlyMap<string, Position>;
}

/** Whether a file asks a study; one that cannot be read is for whoever reads scenarios to tell. */
export function isStudyFile(file: string): boolean {
  const read = readSource(file);
  if (!('text' in read)) return false;
  const source = parseYaml(read.text, file);
  if (!('document' in source)) return false;
  const { contents } = source.document;
  return isMap(contents) && contents.has('scenario') && !contents.has('steps');
}

/** `findScenario`: the file that a name means which is none beside the study's. */
export function loadStudy(
  file: string,
  findScenario: (name: string) => string,
): LoadedStudy | { readonly problems: readonly Problem[] } {
  const read = readYaml(file);
  if ('problems' in read) return read;
  const { source, value, text } = read;
  const problems: Problem[] = [];
  const report = reporter(problems, (path, spot) => locate(source, path, spot));
  const checked = studySchema.safeParse(value, { reportInput: true });
  if (!checked.success) {
    reportIssues(checked.error.issues, studyJsonSchema(), report);
    return { problems: sortProblems(problems) };
  }
  const question = resolve(checked.data, { file, report, findScenario });
  if (problems.length > 0) return { problems: sortProblems(problems) };
  const { scenario: named } = checked.data;
  const isShipped = question.scenario !== besideFile(named, file);
  const places = placesOf(checked.data, source);
  return { question, text, named, isShipped, places };
}

interface Context {
  readonly file: string;
  readonly report: Report;
  readonly findScenario: (name: string) => string;
}

function resolve(document: StudyDocument, context: Context): StudyQuestion {
  const { name, repeat, seed, targets } = document;
  const search = document.until === undefined ? undefined : searchOf(document, context.report);
  return {
    name,
    scenario: scenarioOf(document, context),
    set: texts(document.set),
    sensitivity: constantsOf(document, context.report),
    vary: search === undefined ? gridOf(document, context.report) : {},
    search,
    repeat,
    seed,
    clusters: targets === undefined ? [EMBEDDED] : clustersOf(targets, context),
  };
}

/** Which constants are asked about; undefined where none are. */
function constantsOf(document: StudyDocument, report: Report): readonly string[] | undefined {
  const { sensitivity, vary, until, targets = [] } = document;
  if (sensitivity === undefined) return undefined;
  if (Object.keys(vary).length > 0 || until !== undefined) {
    report(['sensitivity'], 'varies by itself', 'leave out vary and until, or ask another study');
  }
  if (targets.length > 1 || targets.some(({ embedded }) => embedded === undefined)) {
    report(['targets'], 'constants are of one embedded cluster', 'leave that one');
  }
  return sensitivity === true ? [] : sensitivity;
}

function scenarioOf({ scenario }: StudyDocument, { file, report, findScenario }: Context): string {
  const beside = besideFile(scenario, file);
  if ('text' in readSource(beside)) return beside;
  try {
    const found = findScenario(scenario);
    if (found !== scenario) return found;
    report(['scenario'], `${beside} cannot be read`, 'name a scenario file, relative to this one');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    report(['scenario'], error.message, 'name a scenario file, relative to this one');
  }
  return beside;
}

function texts(set: StudyDocument['set']): readonly string[] {
  return Object.entries(set).map(([path, value]) => `${path}=${value}`);
}

function gridOf({ vary, until }: StudyDocument, report: Report): Vary {
  const grid: Record<string, readonly string[]> = {};
  for (const [path, values] of Object.entries(vary)) {
    if (typeof values === 'string') {
      if (until === undefined) {
        report(['vary', path], `${values} is a range`, 'list values, [1, 2], or say until as well');
      }
      continue;
    }
    const own = values.map(String);
    const twice = own.findIndex((value, i) => own.indexOf(value) < i);
    if (twice >= 0) report(['vary', path, twice], `${own[twice]} is there twice`, 'remove one');
    grid[path] = own;
  }
  return grid;
}

function searchOf(document: StudyDocument, report: Report): AskedSearch | undefined {
  const { vary, until: text = '', targets = [] } = document;
  const [first, ...others] = Object.entries(vary);
  const range = first && typeof first[1] === 'string' ? rangeOf(first[0], first[1]) : undefined;
  if (range === undefined || others.length > 0) {
    const remedy = 'vary one field over a range of whole numbers: steps.1.boot.wave.size: 10..400';
    report(
      [first === undefined ? 'until' : 'vary'],
      'until searches one range, LEAST..GREATEST',
      remedy,
    );
  }
  if (targets.length > 1) {
    report(['targets'], 'until searches on one cluster', 'leave one, or ask a study of each');
  }
  try {
    const level = parseLevel(text);
    return range && { text, level, range };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    report(['until'], error.message, "such as 'guestReady.p95<=60s'");
    return undefined;
  }
}

function clustersOf(
  targets: readonly ClusterDocument[],
  { file, report }: Context,
): readonly StudyCluster[] {
  return targets.map((target, i) => {
    const at = ['targets', i] as const;
    if (targets.findIndex(({ name }) => name === target.name) < i) {
      report([...at, 'name'], `${target.name} is there twice`, 'give each cluster its own name');
    }
    const ways = [target.embedded, target.kubeconfig ?? target.context, target.inCluster];
    if (ways.filter((way) => way !== undefined).length !== 1) {
      const remedy = 'say one of: embedded: true; kubeconfig, context or both; inCluster: true';
      report(at, `which cluster ${target.name} is cannot be told`, remedy);
    }
    return clusterOf(target, file);
  });
}

function clusterOf(target: ClusterDocument, file: string): StudyCluster {
  const { name, kubeconfig, context, inCluster, seed, secret } = target;
  const beside = kubeconfig === undefined ? {} : { kubeconfig: besideFile(kubeconfig, file) };
  const connection = {
    ...beside,
    ...(context === undefined ? {} : { context }),
    ...(inCluster === undefined ? {} : { inCluster }),
  };
  const isReal = Object.keys(connection).length > 0;
  const set = texts(target.set);
  return { name, connection: isReal ? connection : undefined, set, seed, secret };
}

function besideFile(path: string, file: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** Of each `path=value` that runs are given. */
function placesOf(document: StudyDocument, source: YamlSource): ReadonlyMap<string, Position> {
  const places = new Map<string, Position>();
  const put = (path: string, value: unknown, at: readonly (string | number)[]) =>
    places.set(`${path}=${String(value)}`, locate(source, at, 'value'));
  for (const [path, value] of Object.entries(document.set)) put(path, value, ['set', path]);
  document.targets?.forEach(({ set }, i) => {
    places.set(seedPlace(i), locate(source, ['targets', i, 'seed'], 'value'));
    for (const [path, value] of Object.entries(set)) put(path, value, ['targets', i, 'set', path]);
  });
  for (const [path, values] of Object.entries(document.vary)) {
    if (typeof values !== 'string') {
      values.forEach((value, i) => put(path, value, ['vary', path, i]));
      continue;
    }
    for (const end of values.split('..')) put(path, end, ['vary', path]);
  }
  return places;
}

/** The same problems, with what `--set` was made of at its place in the study's file. */
export function atPlaces(
  problems: readonly Problem[],
  { places }: Pick<LoadedStudy, 'places'>,
): readonly Problem[] {
  return sortProblems(
    problems.map((problem) => {
      const place = places.get(problem.file.replace(/^--set /, ''));
      return place === undefined ? problem : { ...problem, ...place };
    }),
  );
}
