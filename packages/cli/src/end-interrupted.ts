import { setTimeout } from 'node:timers/promises';
import { EXIT_CODES } from './exit-codes.ts';

/** How often files that are asked are looked after, and for how long each time, in milliseconds. */
const LOOKS = { most: 20, everyMs: 10 } as const;

/** What ends a process for which shells tell that exit code. */
export type EndingSignal = 'SIGINT' | 'SIGHUP';

/**
 * Ends the process as the signal does. Node does not exit before every file that is asked has answered, be
 * it a pipe that nobody writes to or a mount that hangs: where one keeps silent, the signal itself ends
 * the process, for which shells tell the same code.
 */
export async function endInterrupted(signal: EndingSignal): Promise<void> {
  for (let looks = 0; isWaitingForFile() && looks < LOOKS.most; looks += 1) {
    await setTimeout(LOOKS.everyMs);
  }
  if (!isWaitingForFile()) {
    process.exit(signal === 'SIGHUP' ? EXIT_CODES.hungUp : EXIT_CODES.interrupted);
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function isWaitingForFile(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
