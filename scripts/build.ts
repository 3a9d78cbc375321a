// Compiles every package to its dist/ folder.
import { compile } from './compile.ts';

process.exitCode = await compile();
