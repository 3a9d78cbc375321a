import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Of V8's two halves of the young generation together, in bytes. */
const ENOUGH = 16 * 1024 * 1024;
/** How many calls there are between two looks at the heap. */
const CALLS = 16;

/**
 * Keeps V8 from letting its young generation grow to 134 MB, as it does with 64 bits and much memory
 * in the machine: nearly all that a scan makes is dead when its reference is done, so that more room
 * saves no work. To be called now and then. Does nothing on another runtime.
 */
export function youngGenerationLimit(): () => void {
  let calls = 0;
  let isLimited = process.versions['bun'] !== undefined;
  return () => {
    if (isLimited || calls++ % CALLS !== 0) return;
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if ((young?.space_size ?? 0) < ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    isLimited = true;
  };
}
