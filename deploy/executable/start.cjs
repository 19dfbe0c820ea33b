'use strict';
/*
 * What the single file starts: it holds the installed package (of which two libraries are native
 * code, that only a folder can load), unpacks it once into the user's cache and starts it from
 * there. The folder is named after its contents, so another build has another.
 */

const { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { homedir } = require('node:os');
const { dirname, join } = require('node:path');
const { getAsset } = require('node:sea');
const { deserialize } = require('node:v8');
const { gunzipSync } = require('node:zlib');

/** Node's own recursive way never ends where nothing can be made, as in /proc. */
function makeFolder(folder) {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

/** The folder of the program, which is whole as soon as it is there. */
function unpacked() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'bench', getAsset('digest', 'utf8'));
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  try {
    const files = deserialize(gunzipSync(Buffer.from(getAsset('files'))));
    for (const [path, bytes] of files) {
      makeFolder(dirname(join(draft, path)));
      writeFileSync(join(draft, path), bytes);
    }
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Two that start for the first time at once unpack both, and one of them is first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function main() {
  let folder;
  try {
    folder = unpacked();
  } catch (error) {
    console.error(
      `bench: it unpacks itself into a cache once, and cannot: ${error.message}; ` +
        'set XDG_CACHE_HOME to a folder that can be written'
    );
    process.exitCode = 64;
    return;
  }
  const program = realpathSync(join(folder, 'node_modules', '@vm-scale', 'bench'));
  // A run of a study is started as `node main.js ...`, where this file is the node.
  if (process.argv[2] === join(program, 'dist', 'main.js')) process.argv.splice(2, 1);
  createRequire(join(program, 'src/'))('./launch.cjs');
}

main();
