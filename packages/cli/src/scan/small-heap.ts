import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Of V8's two halves of the young generation together, in bytes. */
const YOUNG_ENOUGH = 8 * 1024 * 1024;
/** So much more than was alive may lie in the old generation before it is collected again. */
const OLD_GROWTH_PERCENT = 30;
/** V8 doubles the young generation at most once a collection. */
const LOOK_MS = 10;

/**
 * Keeps V8 from letting its heap grow as it does with 64 bits and much memory in the machine: the young
 * generation to 134 MB, the old one to a multiple of what is alive. Nearly all that a scan makes is dead
 * when its reference is done, so that more room saves no work. Does nothing on another runtime.
 *
 * @returns to be called at the end of the scan
 */
export function keepHeapSmall(): () => void {
  if (process.versions['bun'] !== undefined) return () => undefined;
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH_PERCENT}`);
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if ((young?.space_size ?? 0) < YOUNG_ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
