#!/usr/bin/env node
'use strict';
/*
 * What a shell starts. It is written for any Node, however old, so that one that is too old is told
 * so in a sentence: the program itself would end as a syntax error there.
 */

var fs = require('fs');
var path = require('path');

var LEAST = [20, 19];

/**
 * Node from 22.8 on keeps compiled modules, a few megabytes, and so need not compile them at the
 * next start. In the user's own cache (a folder in a shared /tmp could be another user's, and holds
 * code); who sets NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE decides. Where it cannot be
 * written it goes without. Folders are made one by one: Node's own recursive way never ends where
 * nothing can be made, as in /proc.
 */
function keepCompiled() {
  var enable = require('module').enableCompileCache;
  if (enable === undefined || process.env.NODE_DISABLE_COMPILE_CACHE) return;
  if (process.env.NODE_COMPILE_CACHE) {
    enable();
    return;
  }
  try {
    var cache = process.env.XDG_CACHE_HOME || path.join(require('os').homedir(), '.cache');
    // Others would be below whatever folder one is in.
    if (path.isAbsolute(cache)) enable(makeOwn(cache));
  } catch (error) {
    // No home, or none that can be written: a system error.
    if (error.code === undefined) throw error;
  }
}

function makeOwn(cache) {
  return ['', 'bench', 'compiled'].reduce(function (above, name) {
    var folder = path.join(above, name);
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    return folder;
  }, cache);
}

var version = process.versions.node.split('.').map(Number);

if (version[0] < LEAST[0] || (version[0] === LEAST[0] && version[1] < LEAST[1])) {
  console.error(
    'bench: Node ' + LEAST.join('.') + ' or newer is needed, and this is ' + process.version +
      ' (' + process.execPath + '): install a newer one, or put it first in PATH'
  );
  process.exitCode = 64;
} else {
  keepCompiled();
  import('../dist/main.js').catch(function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    var isBuilt = !/dist.main\.js' imported/.test(error.message);
    var lack = isBuilt ? 'not all that it needs is installed' : 'it is not built yet';
    console.error('bench: ' + lack + ': run "npm ci" in ' + path.join(__dirname, '..'));
    process.exitCode = 64;
  });
}
