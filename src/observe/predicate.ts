/**
 * Whether a predicate is true of an object. A status may be that of an older spec. Where the object
 * says which generation its controller has acted on, and that is not the one it has now, nothing
 * that its status says counts (as in `kubectl wait`).
 */

import type { KubeEvent, VirtualMachineInstance } from '../api/compute.ts';
import type { Condition, KubeObject } from '../api/object.ts';
import type { Test } from '../catalogue/tests.ts';
import { unreachable } from '../core/assert.ts';
import { excerpt } from '../core/excerpt.ts';
import { compileJsonPath, type JsonPath, valueText } from '../core/json-path.ts';
import { MESSAGE_MOST } from '../record/miss-class.ts';
import { guestAddress } from './kinds.ts';
import { ABOUT, FALSE, NO_FAILURE, namespacedName, TRUE, type Predicate } from './step-watch.ts';

/** The value of the predicate's change on an object. */
export type Reader = (object: KubeObject) => string;

export function predicateReader({ test, isFailure, labels }: Predicate): Reader {
  const own = testHolds(test);
  const matches = labels === undefined ? undefined : labelMatcher(labels);
  const holds = (object: KubeObject) => own(object) && (matches?.(object) ?? true);
  if (!isFailure) return (object) => (holds(object) ? TRUE : FALSE);
  return (object) => (holds(object) ? failureText(test, object) : NO_FAILURE);
}

/** `a=b`, `a!=b`, `a`, `!a`, all of which have to hold. */
function labelMatcher(selector: string): (object: KubeObject) => boolean {
  const terms = selector.split(',').map((text) => {
    const [, not = '', key = '', operator = '', value = ''] =
      /^\s*(!?)\s*([^\s!=]+)\s*(!=|==?|)\s*(.*?)\s*$/.exec(text) ?? [];
    return { key, value, isNot: not !== '' || operator === '!=', isAny: operator === '' };
  });
  return ({ metadata: { labels } }) =>
    terms.every(({ key, value, isNot, isAny }) => {
      const found = labels?.[key];
      return (isAny ? found !== undefined : found === value) !== isNot;
    });
}

/** Whether the test is true of an object that is there. */
export function testHolds(test: Test): (object: KubeObject) => boolean {
  switch (test.is) {
    case 'exists':
      return () => true;
    case 'gone':
      return () => false;
    case 'condition':
      return (object) => isCurrent(object) && hasCondition(object, test);
    case 'jsonpath': {
      const path = compileJsonPath(test.path) ?? NOWHERE;
      return (object) => isCurrent(object) && hasValue(path(object), test);
    }
    case 'event':
      return (object) => (object as KubeEvent).reason === test.reason;
    case 'ip':
      return (object) => guestAddress(object as VirtualMachineInstance) !== undefined;
    case 'tcp':
    case 'http':
      // The guest itself has to be asked.
      return () => false;
    default:
      return unreachable(test);
  }
}

const NOWHERE: JsonPath = () => undefined;

type Spoken = Condition & { readonly observedGeneration?: number };

interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Spoken[];
}

function isCurrent({ metadata, status }: KubeObject): boolean {
  const { observedGeneration } = (status ?? {}) as Status;
  return (observedGeneration ?? Infinity) >= (metadata.generation ?? 0);
}

function hasCondition(object: KubeObject, test: Test & { readonly is: 'condition' }): boolean {
  const condition = findCondition(object, test.type);
  if (condition === undefined) return false;
  if ((condition.observedGeneration ?? Infinity) < (object.metadata.generation ?? 0)) return false;
  return condition.status.toLowerCase() === test.status.toLowerCase();
}

function findCondition({ status }: KubeObject, type: string): Spoken | undefined {
  const { conditions } = (status ?? {}) as Status;
  if (!Array.isArray(conditions)) return undefined;
  return conditions.find((each) => each.type.toLowerCase() === type.toLowerCase());
}

function hasValue(
  value: unknown,
  { value: wanted, isNot }: Test & { readonly is: 'jsonpath' },
): boolean {
  const text = valueText(value) ?? '';
  if (wanted === undefined) return text !== '';
  return isNot ? text !== '' && text !== wanted : text === wanted;
}

/** The condition that the test is about, also where a path leads into it. */
function conditionOf(test: Test, object: KubeObject): Spoken | undefined {
  if (test.is === 'condition') return findCondition(object, test.type);
  const [, way] = (test.is === 'jsonpath' && /^(\{.*\)\])[^\]]*\}$/.exec(test.path)) || [];
  const found = way === undefined ? undefined : compileJsonPath(`${way}}`)?.(object);
  return typeof found === 'object' ? (found as Spoken) : undefined;
}

/** The object's own words for what is wrong: of the condition, or of its status as a whole. */
function failureText(test: Test, object: KubeObject): string {
  if (test.is === 'event') return eventText(object as KubeEvent);
  const { reason, message } = (object.status ?? {}) as {
    readonly reason?: unknown;
    readonly message?: unknown;
  };
  const condition = conditionOf(test, object);
  const said = [condition?.reason ?? reason, condition?.message ?? message]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(': ');
  return excerpt(said === '' ? 'without a word' : said, MESSAGE_MOST);
}

/**
 * What an event says, after the kind and the place of the object that it is about (`readAbout` in
 * look.ts reads them off). With its number, so that the same said again is news.
 */
function eventText({ involvedObject, reason, message = '', count = 1 }: KubeEvent): string {
  const { kind, namespace, name } = involvedObject;
  const place = `${kind} ${namespacedName(namespace, name)}`;
  const often = count > 1 ? ` (${count} times)` : '';
  return excerpt(`${place}${ABOUT}${reason}${often}: ${message}`, MESSAGE_MOST);
}
