#!/usr/bin/env node
'use strict';
/*
 * What a shell starts. It is written for any Node, however old, so that one that is too old is told
 * so in a sentence: the program itself would end as a syntax error there.
 */

var LEAST = [20, 19];

/**
 * Node from 22.8 on keeps compiled modules, a few megabytes, and so need not compile them at the
 * next start. In the user's own cache (a folder in a shared /tmp could be another user's, and holds
 * code); who sets NODE_COMPILE_CACHE or NODE_DISABLE_COMPILE_CACHE decides. Where it cannot be
 * written Node goes on without, and says nothing.
 */
function keepCompiled() {
  var enable = require('module').enableCompileCache;
  if (enable === undefined) return;
  try {
    var cache = process.env.XDG_CACHE_HOME || require('path').join(require('os').homedir(), '.cache');
    var own = require('path').join(cache, 'bench', 'compiled');
    enable(process.env.NODE_COMPILE_CACHE || own);
  } catch (_) {
    // Nobody has a home there.
  }
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
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/dist.main\.js/.test(error.message)) throw error;
    console.error('bench: it is not built yet: run "npm ci" in ' + require('path').join(__dirname, '..'));
    process.exitCode = 64;
  });
}
