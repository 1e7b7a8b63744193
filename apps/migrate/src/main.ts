import { processEnvironment } from '@uma-federation/nest-kit';
import { runMigrate } from './run-migrate.ts';

// Usage: main.js [--config FILE] [--check-config]
process.exitCode = await runMigrate({
  arguments: process.argv.slice(2),
  environment: processEnvironment(),
  print: (line) => void process.stdout.write(`${line}\n`),
});
