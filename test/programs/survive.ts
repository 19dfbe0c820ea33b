/**
 * `npm run survive`: the command killed with SIGKILL at 20 random moments of a run on a cluster
 * behind HTTPS, and resumed. Exits with 1 where anything was started twice, lost or left behind.
 * With CONFORMANCE_KUBECONFIG the server is that one, on which nobody else may play KubeVirt.
 */

import { killAndResume } from '../support/kill-and-resume.ts';
import { survivalFaults } from '../support/survival-faults.ts';

const SEEDS = 20;
const OPERATIONS = 16;

let failed = 0;
for (let seed = 0; seed < SEEDS; seed++) {
  const survival = await killAndResume(seed, process.env['CONFORMANCE_KUBECONFIG']);
  const faults = survivalFaults(survival, OPERATIONS);
  if (faults.length > 0) failed += 1;
  const { killedAfterMs, sessions } = survival;
  const verdict = faults.length === 0 ? 'ok' : faults.join('; ');
  process.stdout.write(
    `seed ${seed}: killed after ${killedAfterMs} ms, ${sessions} sessions: ${verdict}\n`,
  );
}
process.stdout.write(`${SEEDS - failed} of ${SEEDS} survived\n`);
process.exitCode = failed === 0 ? 0 : 1;
