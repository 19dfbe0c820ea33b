/**
 * allOf, anyOf, oneOf and not, in the words of kube-openapi's validation (its schema_props.go).
 * Their complaints name no field (`<nil>`), and where no alternative holds, the one that came
 * furthest says why.
 */

import { fieldRequired, type StatusCause } from '../core/refusal.ts';
import { limitCauses } from './limits.ts';
import type { Alternative, Combined } from './schema.ts';

export function combinedCauses(
  value: unknown,
  combined: Combined,
  path: string,
): readonly StatusCause[] {
  return judge(value, combined, path).causes;
}

/** What kube-openapi says of a value whose type is another. */
export function wrongType(value: unknown, type: string, path: string): StatusCause {
  const actual = nameType(value);
  const rule = `${path} in body must be of type ${type}: "${actual}"`;
  const message = `Invalid value: "${actual}": ${rule}`;
  return { reason: 'FieldValueTypeInvalid', message, field: path };
}

interface Verdict {
  readonly causes: readonly StatusCause[];
  /** How many schemas had something to say of the value, by which the best failure is found. */
  readonly matches: number;
}

function judge(value: unknown, combined: Combined, path: string): Verdict {
  const { anyOf = [], oneOf = [], allOf = [], not } = combined;
  const all = allOf.map((each) => hold(value, each, path));
  const causes = [
    ...anyCauses(
      anyOf.map((each) => hold(value, each, path)),
      path,
    ),
    ...oneCauses(
      oneOf.map((each) => hold(value, each, path)),
      path,
    ),
    ...allCauses(all, path),
  ];
  if (not && isValid(hold(value, not, path))) {
    causes.push(complaint(path, 'must not validate the schema (not)'));
  }
  return { causes, matches: all.reduce((sum, { matches }) => sum + matches, 0) };
}

function anyCauses(verdicts: readonly Verdict[], path: string): readonly StatusCause[] {
  if (verdicts.length === 0 || verdicts.some(isValid)) return [];
  return [complaint(path, 'must validate at least one schema (anyOf)'), ...pickClosest(verdicts)];
}

function oneCauses(verdicts: readonly Verdict[], path: string): readonly StatusCause[] {
  const valid = verdicts.filter(isValid).length;
  if (verdicts.length === 0 || valid === 1) return [];
  const rule = 'must validate one and only one schema (oneOf). Found';
  if (valid > 1) return [complaint(path, `${rule} ${valid} valid alternatives`)];
  return [complaint(path, `${rule} none valid`), ...pickClosest(verdicts)];
}

function allCauses(verdicts: readonly Verdict[], path: string): readonly StatusCause[] {
  const valid = verdicts.filter(isValid).length;
  if (valid === verdicts.length) return [];
  const none = valid === 0 ? '. None validated' : '';
  return [
    ...verdicts.flatMap(({ causes }) => causes),
    complaint(path, `must validate all the schemas (allOf)${none}`),
  ];
}

function pickClosest(verdicts: readonly Verdict[]): readonly StatusCause[] {
  const most = Math.max(...verdicts.map(({ matches }) => matches));
  return verdicts.find(({ matches }) => matches === most)?.causes ?? [];
}

function isValid({ causes }: Verdict): boolean {
  return causes.length === 0;
}

/** What does not apply to a value of this type has nothing to say of it. */
function hold(value: unknown, alternative: Alternative, path: string): Verdict {
  const { type, limits, values, combined } = alternative;
  const inner = combined ? judge(value, combined, path) : NOTHING;
  const below = [
    ...memberVerdicts(value, alternative, path),
    ...itemVerdicts(value, alternative, path),
  ];
  const causes = [
    ...(type !== undefined && !isOfType(value, type) ? [wrongType(value, type, path)] : []),
    ...inner.causes,
    ...limitCauses(value, limits, path),
    ...(values && !values.includes(value) ? [unsupported(value, values, path)] : []),
    ...missingCauses(value, alternative, path),
    ...below.flatMap((each) => each.causes),
  ];
  const matches = below.reduce((sum, each) => sum + each.matches, 1 + inner.matches);
  return { causes, matches };
}

const NOTHING: Verdict = { causes: [], matches: 0 };

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function missingCauses(value: unknown, { required = [] }: Alternative, path: string) {
  if (!isTree(value)) return [];
  return required
    .filter((key) => value[key] === undefined)
    .map((key) => fieldRequired(join(path, key), ''));
}

function memberVerdicts(value: unknown, { properties = {} }: Alternative, path: string) {
  if (!isTree(value)) return [];
  return Object.entries(properties)
    .filter(([key]) => value[key] !== undefined)
    .map(([key, each]) => hold(value[key], each, join(path, key)));
}

function itemVerdicts(value: unknown, { items }: Alternative, path: string) {
  if (!items || !Array.isArray(value)) return [];
  return value.map((item: unknown, i) => hold(item, items, `${path}[${i}]`));
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function complaint(path: string, rule: string): StatusCause {
  const message = `Invalid value: "": "${path}" ${rule}`;
  return { reason: 'FieldValueInvalid', message, field: '<nil>' };
}

function isOfType(value: unknown, type: string): boolean {
  const actual = nameType(value);
  return actual === type || (type === 'number' && actual === 'integer');
}

function unsupported(value: unknown, values: readonly unknown[], path: string): StatusCause {
  const supported = values.map((each) => JSON.stringify(each)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return { reason: 'FieldValueNotSupported', message, field: path };
}

function nameType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
