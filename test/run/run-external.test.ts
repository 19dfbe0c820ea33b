/** Programs that a scenario names: no shell, an end in every case, and words for a miss. */

import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/system-clock.ts';
import { MINUTE } from '../../src/core/duration.ts';
import { checkExternal, externalPrograms, externalRunner } from '../../src/run/run-external.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const run = externalRunner(systemClock());
const alive = () => ({ signal: new AbortController().signal, timeoutUs: MINUTE });
const program = (text: string, ...more: string[]) => [execPath, '-e', text, ...more];

test('what it says on stderr and its exit code are told; it gets its arguments as they are', async () => {
  const text = 'console.error(process.argv[1]); process.exit(3)';
  const end = await run(program(text, '$(id) `id` ; exit 0'), alive());
  expect(end).toEqual({ exitCode: 3, said: '$(id) `id` ; exit 0' });
  expect(await run(program(''), alive())).toEqual({ exitCode: 0, said: '' });
});

test('of much that it says the end is kept, on one line', async () => {
  const { said } = await run(program('console.log("x\\n".repeat(1e5) + "\\x1b[2Jlast")'), alive());
  expect(said.length).toBeLessThan(2001);
  expect(said).toMatch(/^x x .* \[2Jlast$/);
});

test('one that is not there is told of', async () => {
  const end = await run(['./no-such-program'], alive());
  expect(end).toEqual({ exitCode: undefined, said: 'cannot be run (ENOENT)' });
});

test('with the run, or when its time is over, it is killed with all that it has started', async () => {
  const text = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 9)'],
    { stdio: 'inherit' }); console.log('up')`;
  const stop = new AbortController();
  const under = run(program(text), { signal: stop.signal, timeoutUs: MINUTE });
  stop.abort();
  // Its grandchild holds the pipe: were it alive, this would never end.
  expect(await under).toMatchObject({
    exitCode: undefined,
    said: expect.stringMatching(/^killed, since the run ends/),
  });
  const late = await run(program(text), { ...alive(), timeoutUs: 1 });
  expect(late).toMatchObject({
    exitCode: undefined,
    said: expect.stringMatching(/^killed after its time-out/),
  });
});

test('a scenario that names one runs where that is allowed, on a cluster that it can reach', () => {
  const text = `
name: any
storage: { class: fast }
steps:
  - act: { on: { kind: Node, name: n1 }, external: "./fail.sh {{name}}  now" }
`;
  const parsed = parseScenario(text, 'any.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { scenario } = parsed;
  expect(scenario.steps[0]).toMatchObject({
    action: { do: 'external', command: ['./fail.sh', '{{name}}', 'now'] },
  });
  expect(externalPrograms(scenario)).toEqual(['./fail.sh']);
  const check = (allowExec: boolean, isEmbedded: boolean) => () =>
    checkExternal(scenario, { allowExec, isEmbedded });
  expect(check(true, false)).not.toThrow();
  expect(check(false, false)).toThrow(
    'runs ./fail.sh on this machine: allow that with --allow-exec',
  );
  expect(check(true, true)).toThrow('cannot reach the embedded cluster');
});
