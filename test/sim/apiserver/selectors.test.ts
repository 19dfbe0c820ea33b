/** Selectors by example, from the documentation of labels and selectors. */

import { expect, test } from 'vitest';
import { parseLabelSelector } from '../../../src/sim/apiserver/registry/label-selector.ts';
import { configMap } from './lab.ts';

const labels = { app: 'vm', tier: 'back-end', size: '10', 'kubevirt.io/domain': 'x.y_z' };

function matches(selector: string): boolean {
  return parseLabelSelector(selector)?.(configMap('m', { labels })) ?? true;
}

test.each([
  ['', true],
  ['app=vm', true],
  ['app == vm', true],
  ['app!=vm', false],
  ['missing!=vm', true],
  ['missing=', false],
  ['app', true],
  ['!app', false],
  ['!missing', true],
  ['app in (vm, pod)', true],
  ['app notin (vm)', false],
  ['missing notin (vm)', true],
  ['app=vm,tier in (front-end,back-end),!other', true],
  ['app=vm,tier=front-end', false],
  ['size>9', true],
  ['size<10', false],
  ['kubevirt.io/domain=x.y_z', true],
])('%j selects: %s', (selector, expected) => {
  expect(matches(selector)).toBe(expected);
});

test.each(['a b', 'a in vm', '=x', 'a=b=c', 'a=,,b', 'a in (x'])('%j is refused', (selector) => {
  expect(() => parseLabelSelector(selector)).toThrow(/unable to parse requirement/);
});
