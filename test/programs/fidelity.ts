/**
 * Prints the simulated controllers beside the real ones, wave by wave:
 * `npm run fidelity [SEED]`, waves by the mean of five seeds where none is named. Exit code 1 where a
 * row is further apart than it may be.
 */

import { compareLife } from '../support/fidelity/kubevirt-rows.ts';
import { compareAttach, compareWave, isWithin, type Row } from '../support/fidelity/table.ts';

const named = process.argv[2];
const seed = Number(named ?? 1);
const seeds = named === undefined ? [1, 2, 3, 4, 5] : [seed];
const rows = [
  ...(await compareWave('snapshot', seeds)),
  ...(await compareWave('csiClone', seeds)),
  ...(await compareWave('smartClone', seeds)),
  ...(await compareAttach(seed)),
  ...(await compareLife('ocp-4.15', seed)),
  ...(await compareLife('upstream-2026-08', seed)),
];

const width = Math.max(...rows.map(({ what }) => what.length));
let wave = '';
for (const row of rows) {
  if (row.wave !== wave) {
    wave = row.wave;
    process.stdout.write(`\n${wave.padEnd(width)}      real simulated   apart\n`);
  }
  process.stdout.write(`${formatRow(row)}\n`);
}
const far = rows.filter((row) => !isWithin(row));
process.stdout.write(`\n${rows.length - far.length} of ${rows.length} rows within their limits\n`);
process.exitCode = far.length === 0 ? 0 : 1;

function formatRow(row: Row): string {
  const { what, real, simulated } = row;
  const apart = real === 0 ? '' : `${(((simulated - real) / real) * 100).toFixed(1)} %`;
  const mark = isWithin(row) ? '' : '  <- too far';
  const numbers = `${real.toFixed(2).padStart(9)} ${simulated.toFixed(2).padStart(9)}`;
  return `${what.padEnd(width)} ${numbers} ${apart.padStart(9)}${mark}`;
}
