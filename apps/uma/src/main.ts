#!/usr/bin/env node
import { runUma } from './run-uma.ts';
import { processSurroundings } from './surroundings.ts';

process.exitCode = await runUma(process.argv.slice(2), processSurroundings());
