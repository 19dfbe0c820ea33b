import { expect, test } from 'vitest';
import { createDeferred } from '../../src/core/deferred.ts';
import { type Arrivals, createArrivals } from '../../src/kube/arrivals.ts';

const BYTES = 10;

/** Arrivals whose turns come when they are asked for. */
function arrivals(options: { readonly turnBytes: number; readonly bytesMax?: number }) {
  const turns: (() => void)[] = [];
  const nextTurn = () => {
    const turn = createDeferred<void>();
    turns.push(() => turn.resolve(undefined));
    return turn.promise;
  };
  const made: Arrivals = createArrivals({ ...options, nextTurn });
  const read: string[] = [];
  return {
    ...made,
    read,
    turnsAsked: turns,
    bring: (name: string) => made.put(BYTES, () => read.push(name)),
    async turn() {
      turns.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test('nothing is read at once, and all of it in order, so much a turn', async () => {
  const { bring, read, turn, turnsAsked } = arrivals({ turnBytes: 2 * BYTES });
  for (const name of ['a', 'b', 'c']) bring(name);
  expect(read).toEqual([]);
  expect(turnsAsked).toHaveLength(1);
  await turn();
  expect(read).toEqual(['a', 'b']);
  bring('d');
  await turn();
  expect(read).toEqual(['a', 'b', 'c', 'd']);
  expect(turnsAsked).toHaveLength(0);
});

test('what is larger than a turn is read all the same', async () => {
  const { bring, read, turn } = arrivals({ turnBytes: 1 });
  bring('a');
  bring('b');
  await turn();
  expect(read).toEqual(['a']);
  await turn();
  expect(read).toEqual(['a', 'b']);
});

test('reading may bring more, which asks for one turn alone', async () => {
  const { bring, put, read, turn, turnsAsked } = arrivals({ turnBytes: BYTES });
  put(BYTES, () => bring('more'));
  await turn();
  expect(turnsAsked).toHaveLength(1);
  await turn();
  expect(read).toEqual(['more']);
  expect(turnsAsked).toHaveLength(0);
});

test('who brings more than may wait is held back until half of it is read', async () => {
  const { bring, holdBack, turn } = arrivals({ turnBytes: BYTES, bytesMax: 4 * BYTES });
  let resumed = 0;
  const resume = () => (resumed += 1);
  for (let i = 0; i < 4; i++) bring('x');
  expect(holdBack(resume)).toBe(false);
  bring('x');
  expect(holdBack(resume)).toBe(true);
  await turn();
  await turn();
  expect(resumed).toBe(0);
  await turn();
  expect(resumed).toBe(1);
  await turn();
  expect(resumed).toBe(1);
});
