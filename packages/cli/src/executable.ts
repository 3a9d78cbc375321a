// The one program of the single executable, which is nv2 or notation by the name that it is called by.
import { main } from './main.ts';
import { programNamed } from './program-name.ts';

await main(programNamed(process.argv0));
