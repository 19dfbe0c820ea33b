/**
 * Label selectors, equality and set based (apimachinery labels/selector.go). Parsed once into one
 * test; the usual `key=value` becomes a single comparison.
 */

import type { KubeObject } from '../../../api/object.ts';
import { badRequest } from '../core/refusal.ts';

type Labels = Readonly<Record<string, string>> | undefined;
export type ObjectTest = (object: KubeObject) => boolean;
type LabelTest = (labels: Labels) => boolean;

/** The test of a selector text; undefined where it selects everything. Refuses bad text: 400. */
export function parseLabelSelector(text: string | undefined): ObjectTest | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const tests = splitRequirements(text).map((part) => parseRequirement(part, text));
  const [only] = tests;
  if (tests.length === 1 && only) return (object) => only(object.metadata.labels);
  return (object) => tests.every((test) => test(object.metadata.labels));
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth += 1;
    else if (text[i] === ')') depth -= 1;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim());
}

const KEY = String.raw`([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)`;
const VALUE = String.raw`((?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?)`;
const EXISTS = new RegExp(`^(!?)\\s*${KEY}$`);
const EQUALITY = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*${VALUE}$`);
const MEMBER = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const ORDER = new RegExp(`^${KEY}\\s*([<>])\\s*(-?\\d+)$`);

function parseRequirement(part: string, whole: string): LabelTest {
  const equality = EQUALITY.exec(part);
  if (equality) return equalityTest(equality[1] ?? '', equality[2] ?? '', equality[3] ?? '');
  const exists = EXISTS.exec(part);
  if (exists) return existenceTest(exists[2] ?? '', exists[1] !== '!');
  const member = MEMBER.exec(part);
  if (member) return memberTest(member[1] ?? '', member[2] === 'in', member[3] ?? '');
  const order = ORDER.exec(part);
  if (order) return orderTest(order[1] ?? '', order[2] === '>', Number(order[3]));
  throw badRequest(
    `unable to parse requirement: found '${part}', expected: a requirement of '${whole}'`,
  );
}

function equalityTest(key: string, operator: string, value: string): LabelTest {
  if (operator === '!=') return (labels) => labels?.[key] !== value;
  return (labels) => labels?.[key] === value;
}

function existenceTest(key: string, wanted: boolean): LabelTest {
  return (labels) => (labels?.[key] !== undefined) === wanted;
}

function memberTest(key: string, wanted: boolean, list: string): LabelTest {
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels?.[key];
    return value === undefined ? !wanted : values.has(value) === wanted;
  };
}

function orderTest(key: string, greater: boolean, bound: number): LabelTest {
  return (labels) => {
    const value = Number(labels?.[key] ?? Number.NaN);
    return greater ? value > bound : value < bound;
  };
}
