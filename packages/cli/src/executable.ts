// The one program of the single executable, which is nv2 or notation by the name that it is called by.
import { programNamed } from './program-name.ts';
import { versionText } from './version.ts';

/** What bun has besides what Node has. */
declare const Bun: {
  readonly stdout: unknown;
  write(file: unknown, text: string): Promise<number>;
};

const program = programNamed(process.argv0);

// Other tools ask for the version before they do anything else. Loading what commands need would be
// half of the time of the answer, which needs nothing of it.
async function saysVersion(): Promise<boolean> {
  if (process.argv.length !== 3 || process.argv[2] !== 'version') return false;
  // where nobody can read it, the command as it is says what is wrong
  return await Bun.write(Bun.stdout, `${versionText(program)}\n`).then(
    () => true,
    () => false,
  );
}

if (!(await saysVersion())) {
  const { main } = await import('./main.ts');
  await main(program);
}
