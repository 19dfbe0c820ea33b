/** Progress lines: what they say, and how seldom. */

import { expect, test } from 'vitest';
import type { Screen } from '../../src/run/session.ts';
import { createProgress, plainLine, type ProgressMode } from '../../src/run/progress.ts';
import { SECOND } from '../../src/core/duration.ts';
import type { Progress } from '../../src/drive/progress.ts';

const PROGRESS: Progress = {
  atUs: 90 * SECOND,
  step: 2,
  steps: 9,
  name: 'boot rhel9',
  kind: 'boot',
  wave: 12,
  waves: 60,
  operations: 6000,
  inFlight: 50,
  reached: 1150,
  failed: 1,
  censored: 0,
  done: 500,
  planned: 1000,
  doing: 'waves',
};

test('a load that somebody else makes has no end in sight', () => {
  const observed = {
    kind: 'observe',
    planned: 0,
    done: 0,
    censored: 2,
    wave: 3,
    waves: 3,
  } as const;
  expect(plainLine({ ...PROGRESS, ...observed }, 10 * SECOND)).toBe(
    '[10s] 6000 created in 3 waves: 1150 reached, 50 under way, 1 failed, 2 unfinished, at 1m30s',
  );
});

function stage(mode: ProgressMode, isTty = false) {
  const lines: string[] = [];
  const drawn: (readonly string[])[] = [];
  const output = { isTty, columns: 100, write: () => {} };
  const screen: Screen = {
    print: () => {},
    command: () => {},
    tell: (line) => lines.push(line),
    draw: (it) => drawn.push(it),
    out: output,
    err: output,
    colorOn: () => false,
  };
  let nowUs = 0;
  const progress = createProgress(mode, screen, () => nowUs);
  const listen = (seconds: number, change: Partial<Progress> = {}) => {
    nowUs = seconds * SECOND;
    progress.listen({ ...PROGRESS, ...change });
  };
  return { lines, drawn, listen, progress };
}

test('a plain line says where the run is and guesses what is left', () => {
  expect(plainLine(PROGRESS, 10 * SECOND)).toBe(
    "[10s] step 3/9 'boot rhel9': wave 12/60, 1150 of 6000 reached, 50 in flight, 1 failed, " +
      'at 1m30s, about 10s left',
  );
});

test('plain lines come at each new step, every ten seconds, and at the end', () => {
  const { lines, listen, progress } = stage('plain');
  listen(0);
  listen(9);
  expect(lines).toHaveLength(1);
  listen(10);
  expect(lines).toHaveLength(2);
  listen(11, { step: 3 });
  expect(lines).toHaveLength(3);
  listen(12, { step: 3, done: 1000 });
  expect(lines).toHaveLength(3);
  progress.finish();
  expect(lines).toHaveLength(4);
});

test('a terminal is redrawn at most four times a second', () => {
  const { drawn, lines, listen } = stage('auto', true);
  for (let i = 0; i <= 100; i++) listen(i / 100);
  expect(drawn).toHaveLength(5);
  expect(lines).toEqual([]);
});

test('programs get a line of JSON a second', () => {
  const { lines, listen } = stage('json');
  listen(0);
  listen(0.5);
  listen(1);
  expect(lines.map((line) => JSON.parse(line).step)).toEqual([2, 2]);
});

test('nobody is told anything with none', () => {
  const { lines, drawn, listen, progress } = stage('none', true);
  listen(0);
  progress.finish();
  expect([...lines, ...drawn]).toEqual([]);
});
