#!/usr/bin/env node
import {isMainThread} from 'node:worker_threads';
import {keepCompiledCode} from './source/commands/compiled-code.ts';

keepCompiledCode(process.env);
if (isMainThread) {
  const {main} = await import('./source/commands/main.ts');
  process.exitCode = await main(process.argv.slice(2), new URL(import.meta.url));
} else {
  // The thread of `pgaf demo`.
  await import('./source/simulator/embedded/thread.ts');
}
