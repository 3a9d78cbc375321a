// Compiles every package to its dist/ folder.
import { runNode } from './run-command.ts';

process.exitCode = await runNode(['node_modules/typescript/bin/tsc', '-b']);
