import type http from 'node:http';

/**
 * `node:http`. An `import` asks a module for each thing that it exports, and for one of them,
 * WebSocket, Node 24 loads the whole of its fetch: 50 ms instead of 8.
 */
export function nodeHttp(): typeof http {
  return process.getBuiltinModule('node:http');
}
