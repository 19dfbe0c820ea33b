/**
 * In which fields two scenarios measure different things, one by one, by the names that the files
 * and `--set` have for them. Limits, budgets and the simulation's constants do not change what is
 * measured; a template in a file of its own does.
 */

import { parseDocument } from 'yaml';
import { deepOffset } from '../core/yaml-depth.ts';
import { KEYS_UNCHECKED, keyErrors } from '../core/yaml-keys.ts';
import { stableJson } from '../core/json.ts';
import type { Manifest } from '../record/manifest.ts';

/** One thing in which the runs differ; undefined where a side does not say. */
export interface Difference {
  readonly what: string;
  readonly base: string | undefined;
  readonly head: string | undefined;
}

type ScenarioFact = Manifest['scenario'];

type Fields = ReadonlyMap<string, string>;

/** Top-level fields that decide what is measured. */
const MEASURED = ['storage', 'images', 'templates', 'steps', 'timeouts'] as const;

const BUDGETS: ReadonlySet<string> = new Set(['errorBudget', 'waveErrorBudget']);

/** The differing fields; none where neither the files nor what was made of them can tell. */
export function scenarioDifferences(base: ScenarioFact, head: ScenarioFact): readonly Difference[] {
  const written = differences(writtenFields(base), writtenFields(head));
  const templates = differences(templateFields(base), templateFields(head)).filter(
    ({ what }) => !written.some((known) => known.what.startsWith(templateOf(what))),
  );
  const named = [...written, ...templates];
  if (named.length > 0) return named;
  // The same words, and yet another measurement: a default has changed between two releases.
  return differences(resolvedFields(base), resolvedFields(head));
}

/** The fields of the file as it was run, overrides put in. */
function writtenFields({ text, overrides }: ScenarioFact): Fields {
  const document = parsed(text);
  if (!isRecord(document)) return new Map();
  const copy = structuredClone(document);
  for (const override of overrides) applyOverride(copy, override);
  return leavesOf(copy, 'scenario');
}

function resolvedFields({ measured }: ScenarioFact): Fields {
  return measured === undefined ? new Map() : leavesOf(measured, 'scenario');
}

/** Manifests of VMs, which may lie in files of their own. */
function templateFields({ measured }: ScenarioFact): Fields {
  const templates = measured?.['templates'];
  if (!Array.isArray(templates)) return new Map();
  const named = templates.filter(isRecord).map(({ key, tree }) => [String(key), tree] as const);
  return leavesOf({ templates: Object.fromEntries(named) }, 'scenario');
}

/** `scenario templates.rhel9.` of a field in that template. */
function templateOf(what: string): string {
  return `${what.split('.').slice(0, 2).join('.')}.`;
}

function differences(base: Fields, head: Fields): readonly Difference[] {
  if (base.size === 0 || head.size === 0) return [];
  const names = [...new Set([...base.keys(), ...head.keys()])];
  return names
    .filter((what) => base.get(what) !== head.get(what))
    .map((what) => ({ what, base: base.get(what), head: head.get(what) }));
}

/** Each single value of what is measured by its path: `scenario steps.0.clone.count`. */
function leavesOf(document: Readonly<Record<string, unknown>>, prefix: string): Fields {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (isBranch(value)) {
      for (const [name, child] of Object.entries(value)) {
        if (!BUDGETS.has(name)) visit(child, [...path, name]);
      }
    } else if (value !== undefined) {
      leaves.set(`${prefix} ${path.join('.')}`, leafText(value));
    }
  };
  for (const name of MEASURED) visit(document[name], [name]);
  return leaves;
}

/** Short lists of words are one value: `[pvc, snapshot]`. */
function isBranch(value: unknown): value is object {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object');
  return typeof value === 'object' && value !== null;
}

function leafText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(String).join(', ')}]`;
  return typeof value === 'string' ? value : stableJson(value);
}

function applyOverride(document: Record<string, unknown>, override: string): void {
  const equals = override.indexOf('=');
  const path = override.slice(0, equals).split('.');
  const last = path.pop() as string;
  let parent: Record<string, unknown> = document;
  for (const part of path) {
    const child = parent[part];
    if (child === null || typeof child !== 'object') parent[part] = {};
    parent = parent[part] as Record<string, unknown>;
  }
  parent[last] = parsed(override.slice(equals + 1));
}

function parsed(text: string): unknown {
  if (deepOffset(text) !== undefined) return undefined;
  try {
    const document = parseDocument(text, { logLevel: 'error', ...KEYS_UNCHECKED });
    return keyErrors(document).length > 0 ? undefined : (document.toJS() as unknown);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
