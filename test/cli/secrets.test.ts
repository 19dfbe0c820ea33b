/** No secret of a scenario is in what a run writes, whichever file of it held it. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, temporaryFolder } from './harness.ts';

const VM = `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: { name: "a-{{index}}" }
spec:
  runStrategy: Halted
  template:
    spec:
      domain: { devices: {} }
      volumes:
        - name: init
          cloudInitNoCloud:
            userData: |
              #cloud-config
              runcmd: [ s3cret ]
`;

test('with a template in a file of its own', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'templates/a.yaml'), VM);
  const scenario = join(folder, 'a.yaml');
  writeFileSync(
    scenario,
    `name: a
storage: { class: fast, snapshotClass: snap }
images: { a: { import: { url: "http://me:s3cret@host/a.qcow2?token=s3cret" }, size: 1Gi } }
templates:
  a: { image: a, cpu: 1, memory: 1Gi }
  b: { image: a, file: templates/a.yaml }
steps:
  - deploy: { template: b, count: 1 }
`,
  );
  const results = join(folder, 'results');
  const { out, err } = await cli(['run', scenario, '--results', results, '--run-id', 'r']);
  expect(out + err).not.toContain('s3cret');
  const written = readdirSync(join(results, 'a/r')).map((name) =>
    readFileSync(join(results, 'a/r', name), 'utf8'),
  );
  expect(written.join('')).toContain('cloudInitNoCloud');
  expect(written.join('')).not.toContain('s3cret');
});
