/**
 * `npm run executable [-- FILE]`: bench as one file, `bench` by default, for machines without Node:
 * the Node that runs this, with the packed package and its libraries as assets (single executable
 * application, https://nodejs.org/api/single-executable-applications.html).
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { gzipSync } from 'node:zlib';
import { inject } from 'postject';

/** By which Node finds that it holds a program: it is the same in every release. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** As from the registry: what is not published is not in it. */
function install(work) {
  const npm = (...args) => execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  npm('pack', '--ignore-scripts', '--silent', '--pack-destination', work);
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  const app = join(work, 'app');
  npm('install', '--prefix', app, '--no-audit', '--no-fund', '--silent', join(work, tarball));
  return app;
}

/** Their paths below the folder, in order, and what they hold. */
function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path))]));
}

/** The program and its assets, as Node wants them. */
function makeBlob(work) {
  const files = gzipSync(serialize(filesOf(install(work))), { level: 9 });
  const at = (name) => join(work, name);
  writeFileSync(at('files'), files);
  writeFileSync(at('digest'), createHash('sha256').update(files).digest('hex').slice(0, 16));
  const config = {
    main: fileURLToPath(new URL('start.cjs', import.meta.url)),
    output: at('blob'),
    disableExperimentalSEAWarning: true,
    assets: { files: at('files'), digest: at('digest') },
  };
  writeFileSync(at('config.json'), JSON.stringify(config));
  execFileSync(process.execPath, ['--experimental-sea-config', at('config.json')]);
  return readFileSync(config.output);
}

// npm changes the folder before it runs a script.
const target = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? 'bench');
const work = mkdtempSync(join(tmpdir(), 'bench-executable-'));
try {
  const blob = makeBlob(work);
  copyFileSync(process.execPath, target);
  chmodSync(target, 0o755);
  await inject(target, 'NODE_SEA_BLOB', blob, {
    sentinelFuse: FUSE,
    machoSegmentName: 'NODE_SEA',
  });
  const megabytes = Math.round(statSync(target).size / 1e6);
  console.log(`${target}: ${megabytes} MB, Node ${process.version} for this system`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
