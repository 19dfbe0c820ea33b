/**
 * Templates, compiled once into a function from a VM's index to its manifest. A rendered manifest
 * copies only the way down to what the index changes; all other subtrees are one frozen object
 * shared by every VM, which is what lets 100,000 manifests fit in memory.
 */

import { deepFreeze } from '../core/json.ts';
import { type Segment, splitSegments } from './placeholder.ts';

export interface Template {
  readonly key: string;
  /** Key of the image that the root disk is a clone of. */
  readonly image: string | undefined;
  /** What the root disk is cloned from. */
  readonly source: 'pvc' | 'snapshot' | undefined;
  /** The manifest as written, deeply frozen. */
  readonly tree: unknown;
  /** Values of placeholders that are the same in every run. */
  readonly values: Values;
  /** The field by which a patch starts a VM. */
  readonly runField: 'running' | 'runStrategy';
  readonly disks: readonly TemplateDisk[];
}

export interface TemplateDisk {
  readonly sizeBytes: number;
}

export type Values = Readonly<Record<string, unknown>>;

/** Value of `imageNamespace` for images that live in the run's own namespace. */
export const OF_THE_RUN = null;

/** Values of the placeholders that only a run knows. */
export interface RunValues {
  readonly namespace: string;
  readonly runId: string;
}

export interface CompiledTemplate {
  /** The manifest of VM `index`, deeply frozen. */
  manifest(index: number): unknown;
  name(index: number): string;
  diskNames(index: number): readonly string[];
}

/** A placeholder without a value makes rendering throw: templates are checked before. */
export function compileTemplate(
  template: Pick<Template, 'key' | 'tree' | 'values'>,
  run: RunValues,
): CompiledTemplate {
  const imageNamespace = template.values['imageNamespace'] ?? run.namespace;
  const values = { ...template.values, ...run, imageNamespace, template: template.key };
  const fallback = (index: number) => `${template.key}-${index}`;
  const written = at(template.tree, 'metadata', 'name');
  const name = typeof written === 'string' ? text(written, values, fallback) : fallback;
  const tree = written === undefined ? named(template.tree) : template.tree;
  const disks = compile(diskNamesIn(tree), { values, name, metadata: true });
  const manifest = compile(tree, { values, name, metadata: false });
  return {
    manifest: (index) => render(manifest, index),
    name,
    diskNames: (index) => render(disks, index) as readonly string[],
  };
}

/** Names of the DataVolumes that a VM brings, as written. */
function diskNamesIn(tree: unknown): readonly unknown[] {
  const disks = at(tree, 'spec', 'dataVolumeTemplates');
  return Array.isArray(disks) ? disks.map((disk: unknown) => at(disk, 'metadata', 'name')) : [];
}

/** The value at a path of fields and indices; undefined where the path leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let node = value;
  for (const part of path) {
    if (node === null || typeof node !== 'object') return undefined;
    node = (node as Record<string | number, unknown>)[part];
  }
  return node;
}

interface Scope {
  readonly values: Values;
  readonly name: (index: number) => string;
  /** Below `metadata` every rendered value is text: labels and names may look like numbers. */
  readonly metadata: boolean;
}

/** A value that is the same for each VM, or a function of the index. */
type Compiled =
  | { readonly constant: unknown }
  | { readonly constant?: undefined; readonly render: (index: number) => unknown };

function render(compiled: Compiled, index: number): unknown {
  return 'render' in compiled ? compiled.render(index) : compiled.constant;
}

function compile(node: unknown, scope: Scope): Compiled {
  if (typeof node === 'string') return compileText(node, scope);
  if (Array.isArray(node)) return compileList(node, scope);
  if (node !== null && typeof node === 'object') return compileObject(node, scope);
  return { constant: node };
}

function compileText(node: string, scope: Scope): Compiled {
  const segments = splitSegments(node);
  const whole = segments.length === 1 ? segments[0] : undefined;
  if (typeof whole === 'string') return { constant: node };
  if (whole !== undefined && !scope.metadata) return compileWhole(whole.name, scope);
  if (!segments.some(dependsOnIndex)) return { constant: text(node, scope.values, scope.name)(0) };
  return { render: text(node, scope.values, scope.name) };
}

/** A scalar that is one placeholder keeps the type of its value. */
function compileWhole(name: string, scope: Scope): Compiled {
  if (name === 'index') return { render: (index) => index };
  if (name === 'name') return { render: scope.name };
  return { constant: deepFreeze(getValue(name, scope.values)) };
}

function compileList(node: readonly unknown[], scope: Scope): Compiled {
  const items = node.map((item) => compile(item, scope));
  if (items.some((item) => 'render' in item)) {
    return { render: (index) => Object.freeze(items.map((item) => render(item, index))) };
  }
  const same = items.every((item, i) => item.constant === node[i]);
  return { constant: deepFreeze(same ? node : items.map((item) => item.constant)) };
}

function compileObject(node: object, scope: Scope): Compiled {
  const fields = Object.entries(node).map(([key, value]) => ({
    key: compileText(key, { ...scope, metadata: true }),
    value: compile(value, { ...scope, metadata: scope.metadata || key === 'metadata' }),
  }));
  if (fields.some(({ key }) => 'render' in key)) return { render: fieldByField(fields) };
  const named = fields.map(({ key, value }) => [String(key.constant), value] as const);
  // Not by assignment: a field may be called __proto__.
  const base: Record<string, unknown> = Object.fromEntries(
    named.map(([key, value]) => [key, value.constant]),
  );
  const moving = named.flatMap(([key, value]) =>
    'render' in value ? [[key, value.render] as const] : [],
  );
  if (moving.length === 0) return { constant: deepFreeze(sameFields(node, base) ? node : base) };
  return {
    render: (index) => {
      const copy = { ...base };
      for (const [key, value] of moving) copy[key] = value(index);
      return Object.freeze(copy);
    },
  };
}

/** For the rare object whose field names hold the index. */
function fieldByField(fields: readonly { key: Compiled; value: Compiled }[]) {
  return (index: number) =>
    Object.freeze(
      Object.fromEntries(
        fields.map(({ key, value }) => [String(render(key, index)), render(value, index)]),
      ),
    );
}

function sameFields(node: object, base: Readonly<Record<string, unknown>>): boolean {
  const source = node as Record<string, unknown>;
  return Object.keys(source).every((key) => source[key] === base[key]);
}

function dependsOnIndex(segment: Segment): boolean {
  return typeof segment !== 'string' && (segment.name === 'index' || segment.name === 'name');
}

/** A function from the index to the text with all its placeholders filled in. */
function text(
  node: string,
  values: Values,
  name: (index: number) => string,
): (index: number) => string {
  const parts = splitSegments(node).map((segment) => {
    if (typeof segment === 'string' || dependsOnIndex(segment)) return segment;
    return String(getValue(segment.name, values));
  });
  return (index) =>
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        return part.name === 'index' ? String(index) : name(index);
      })
      .join('');
}

function getValue(name: string, values: Values): unknown {
  const value = values[name];
  if (value === undefined) throw new Error(`placeholder {{${name}}} has no value`);
  return value;
}

/** The tree with the default name put in. */
function named(tree: unknown): unknown {
  const metadata = at(tree, 'metadata');
  const fields = metadata !== null && typeof metadata === 'object' ? metadata : {};
  return { ...(tree as object), metadata: { ...fields, name: '{{name}}' } };
}
