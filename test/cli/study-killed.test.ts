/** A study that is killed, started again at once, ends in the bytes of one that was not. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTarget } from '../../src/cli/target.ts';
import { startBench } from '../support/built-bench.ts';
import { ROOT } from '../support/sources.ts';
import { cli, temporaryFolder } from './harness.ts';

const TINY = join(ROOT, 'test/support/tiny.yaml');
const ASKED = ['study', TINY, '--vary', 'steps.2.boot.wave.size=1,2,4', '--study-id', 's'];

test('kill -9 leaves nobody behind, and starting again gives the same bytes', async () => {
  const [killed, whole] = [temporaryFolder(), temporaryFolder()];
  const argv = [...ASKED, '--jobs', '2', '--no-report', '--results', killed];
  const first = startBench(argv, killed);
  const study = join(killed, 'tiny/s');
  await first.told('1 of 3');
  first.process.kill('SIGKILL');
  expect((await first.done).code).toBeNull();
  const made = readdirSync(study).filter((name) => existsSync(join(study, name, 'summary.json')));
  expect(made.length).toBeLessThan(3);
  const again = await startBench(argv, killed).done;
  expect(again).toMatchObject({ code: 0 });
  expect(again.err).toMatch(/[12] of 3 runs are there already/);
  await cli([...ASKED, '--results', whole], { openTarget });
  for (const name of ['study.json', 'study.csv', 'group.json', 'p3-r1/history.ndjson']) {
    expect(readFileSync(join(study, name))).toEqual(readFileSync(join(whole, 'tiny/s', name)));
  }
});
