/** `--set path=value`: fields of the scenario replaced before it is checked. */

import { isAlias, isMap, isSeq, type Node, parse, type YAMLMap, type YAMLSeq } from 'yaml';
import { argumentProblem, type Problem } from './problem.ts';
import type { YamlSource } from './yaml-source.ts';

/** Puts the values of `overrides` into the source's document; the problems it met. */
export function applyOverrides(
  source: YamlSource,
  overrides: readonly string[],
): readonly Problem[] {
  return overrides.flatMap((text) => {
    const message = applyOne(source, text);
    if (message === undefined) return [];
    return [
      argumentProblem(`--set ${text}`, message, 'write for example: --set steps.0.clone.count=200'),
    ];
  });
}

/** What is wrong with the override; undefined once it is in. */
function applyOne(source: YamlSource, text: string): string | undefined {
  const equals = text.indexOf('=');
  if (equals < 1) return 'is not of the form path=value';
  const path = text.slice(0, equals).split('.');
  if (path.some((part) => part === '')) return 'has an empty part in its path';
  const value = parseValue(text.slice(equals + 1));
  if (value === undefined) return 'has a value that is no YAML';
  return setAt(source, path, value.value, text);
}

function parseValue(text: string): { value: unknown } | undefined {
  try {
    return { value: parse(text, { logLevel: 'error' }) as unknown };
  } catch {
    return undefined;
  }
}

function setAt(
  source: YamlSource,
  path: readonly string[],
  value: unknown,
  text: string,
): string | undefined {
  let parent: unknown = source.document.contents;
  for (const [i, part] of path.entries()) {
    if (!isMap(parent) && !isSeq(parent)) return `leads into a single value at ${part}`;
    const key = keyIn(parent, part);
    if (typeof key === 'string' && isSeq(parent)) return key;
    const child = i === path.length - 1 ? undefined : getChild(source, parent, key);
    if (child === undefined) {
      put(source, parent, key, nested(path.slice(i + 1), value), text);
      return undefined;
    }
    parent = child;
  }
  return undefined;
}

/** A sequence's index as a number, or the message that there is no such item. */
function keyIn(parent: YAMLMap | YAMLSeq, part: string): string | number {
  if (isMap(parent)) return part;
  const index = Number(part);
  const items = parent.items.length;
  if (/^\d+$/.test(part) && index < items) return index;
  return `has no item ${part}: the list has ${items}, counted from 0`;
}

/** The collection to go on in; an alias is first replaced by a copy of its own. */
function getChild(source: YamlSource, parent: YAMLMap | YAMLSeq, key: string | number): unknown {
  const child: unknown = parent.get(key, true);
  if (!isAlias(child)) return child ?? undefined;
  const copy = child.resolve(source.document)?.clone() as Node | undefined;
  if (copy) delete (copy as { anchor?: string }).anchor;
  parent.set(key, copy);
  return copy;
}

function put(
  source: YamlSource,
  parent: YAMLMap | YAMLSeq,
  key: string | number,
  value: unknown,
  text: string,
): void {
  const node = source.document.createNode(value) as Node;
  source.overridden.set(node, text);
  parent.set(key, node);
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
}
