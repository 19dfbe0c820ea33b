// chartjs-node-canvas asks for "canvas", which needs a compiler or a download; this name resolves to the prebuilt one.
module.exports = require('@napi-rs/canvas/node-canvas');
