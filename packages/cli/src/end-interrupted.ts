import { setTimeout } from 'node:timers/promises';
import { EXIT_CODES } from './exit-codes.ts';

/** How often files that are asked are looked after, and for how long each time, in milliseconds. */
const LOOKS = { most: 20, everyMs: 10 } as const;

/**
 * Ends the process as Ctrl-C does. Node does not exit before every file that is asked has answered, be
 * it a pipe that nobody writes to or a mount that hangs: where one keeps silent, the signal itself ends
 * the process, for which shells tell the same code.
 */
export async function endInterrupted(): Promise<void> {
  for (let looks = 0; isWaitingForFile() && looks < LOOKS.most; looks += 1) {
    await setTimeout(LOOKS.everyMs);
  }
  if (!isWaitingForFile()) process.exit(EXIT_CODES.interrupted);
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

function isWaitingForFile(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
