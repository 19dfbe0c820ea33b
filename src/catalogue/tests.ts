/**
 * What a step can wait for of any object, in the words of `kubectl wait`: data alone, since it is
 * written in scenario files, planned, and judged where the objects are watched.
 */

/** A predicate on one object, true or not at each moment. */
export type Test =
  | { readonly is: 'exists' }
  | { readonly is: 'gone' }
  | { readonly is: 'condition'; readonly type: string; readonly status: string }
  /** `value` undefined: anything at all; `isNot`: there, and anything else. */
  | {
      readonly is: 'jsonpath';
      readonly path: string;
      readonly value: string | undefined;
      readonly isNot: boolean;
    }
  /** Somebody has said this of it, in an Event. */
  | { readonly is: 'event'; readonly reason: string }
  /** The network interface of a VMI has an address, as its status says. */
  | { readonly is: 'ip' }
  | ProbeTest;

/** What no status says: the guest of a VMI answers us. */
export type ProbeTest =
  /** A connection to this port is taken. */
  | { readonly is: 'tcp'; readonly port: number }
  /** A GET is answered with a status from 200 to 399; `{{ip}}` stands for the guest's address. */
  | { readonly is: 'http'; readonly url: string };

export function isProbe(test: Test): test is ProbeTest {
  return test.is === 'tcp' || test.is === 'http';
}

/** A kind as a scenario file names it; discovery tells the rest. */
export interface KindName {
  /** `group/version`; any group that has such a kind where undefined. */
  readonly apiVersion: string | undefined;
  readonly kind: string;
}

/** Another object than the one that the operation is on. */
export interface OtherObject extends KindName {
  /** May hold `{{name}}` and `{{index}}` of the operation. */
  readonly name: string;
  /** Undefined: the operation's. */
  readonly namespace: string | undefined;
}

/** So many objects of a kind that pass the test, whoever made them. */
export interface Tally extends KindName {
  readonly namespace: string | undefined;
  readonly labels: string | undefined;
  readonly is: number;
}

/** One of several things that are waited for one after the other. */
export interface Goal {
  /** Names the stage in results. */
  readonly name: string;
  readonly test: Test;
  /** Of what; undefined: of the object that the operation is on. */
  readonly of: OtherObject | undefined;
  readonly tally: Tally | undefined;
}

/** What makes it useless to wait any longer. */
export interface FailCondition {
  readonly name: string;
  readonly test: Test;
  readonly of: OtherObject | undefined;
}

/** `Ready=True`, `{.status.phase}=Bound`: as in a scenario file. */
export function testText(test: Test): string {
  switch (test.is) {
    case 'condition':
      return `${test.type}=${test.status}`;
    case 'jsonpath':
      if (test.value === undefined) return test.path;
      return `${test.path}${test.isNot ? '!=' : '='}${test.value}`;
    case 'event':
      return `event ${test.reason}`;
    case 'tcp':
      return `tcp ${test.port}`;
    case 'http':
      return `GET ${test.url}`;
    default:
      return test.is;
  }
}

/** The name of the change that tells of a goal or a fail condition of the step. */
export function predicateName(step: number, what: 'goal' | 'failCondition', index: number): string {
  return what === 'goal' ? `until ${step}.${index}` : `until ${step}.fails.${index}`;
}
