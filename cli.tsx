#!/usr/bin/env node
import {keepCompiledCode} from './source/commands/compiled-code.ts';

keepCompiledCode(process.env);
const {main} = await import('./source/commands/main.ts');
process.exitCode = await main(process.argv.slice(2));
