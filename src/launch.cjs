#!/usr/bin/env node
'use strict';
/*
 * What a shell starts. It is written for any Node, however old, so that one that is too old is told
 * so in a sentence: the program itself would end as a syntax error there.
 */

var LEAST = [20, 19];
var version = process.versions.node.split('.').map(Number);

if (version[0] < LEAST[0] || (version[0] === LEAST[0] && version[1] < LEAST[1])) {
  console.error(
    'bench: Node ' + LEAST.join('.') + ' or newer is needed, and this is ' + process.version +
      ' (' + process.execPath + '): install a newer one, or put it first in PATH'
  );
  process.exitCode = 64;
} else {
  import('../dist/main.js').catch(function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/dist.main\.js/.test(error.message)) throw error;
    console.error('bench: it is not built yet: run "npm ci" in ' + require('path').join(__dirname, '..'));
    process.exitCode = 64;
  });
}
