import { expect, test } from 'vitest';
import { createCommandThread, createTaskThread } from '../../../../src/sim/hardware/rbd/manager.ts';
import { createMonitor } from '../../../../src/sim/hardware/rbd/monitor.ts';
import { createKernel } from '../../../../src/sim/kernel/kernel.ts';

test('callers of the command thread take turns, one command at a time', async () => {
  const kernel = createKernel();
  const thread = createCommandThread(kernel, 10);
  const seen: string[] = [];
  await kernel.run(async () => {
    const ended = (name: string) => () => seen.push(`${name} ends at ${kernel.nowUs()}`);
    await Promise.all([
      thread.sendEach(['a1', 'a2', 'a3'], (item) => seen.push(item)).then(ended('a')),
      thread.sendEach(['b1'], (item) => seen.push(item)).then(ended('b')),
      thread.sendEach([], () => seen.push('never')).then(ended('c')),
    ]);
  });
  expect(seen).toEqual(['c ends at 0', 'a1', 'b1', 'b ends at 20', 'a2', 'a3', 'a ends at 40']);
  expect(thread.answered).toBe(4);
});

test('the task thread does one task at a time, and like tasks once', async () => {
  const kernel = createKernel();
  const thread = createTaskThread(kernel);
  const done: string[] = [];
  const add = (imageName: string, kind: 'flatten' | 'trashRemove' = 'flatten') =>
    thread.add({
      kind,
      imageName,
      durationUs: () => 100,
      finish: () => done.push(`${kind} ${imageName} ${kernel.nowUs()}`),
    });
  await kernel.run(async () => {
    add('x');
    add('x');
    add('y');
    add('x', 'trashRemove');
    await kernel.sleep(1000);
    add('x');
    await kernel.sleep(1000);
  });
  expect(done).toEqual(['flatten x 100', 'flatten y 200', 'trashRemove x 300', 'flatten x 1100']);
});

test('one Paxos round serves all that wait; the next waits for the interval', async () => {
  const kernel = createKernel();
  const monitor = createMonitor(kernel, {
    proposeIntervalUs: 1000,
    minWaitUs: 50,
    commitTimeUs: 30,
  });
  const at = async () => {
    await monitor.propose();
    return kernel.nowUs();
  };
  await kernel.run(async () => {
    expect(await Promise.all([at(), at()])).toEqual([80, 80]);
    expect(await at()).toBe(1110);
    await kernel.sleep(5000);
    expect(await at()).toBe(6190);
  });
});
