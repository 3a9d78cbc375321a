export { type MemoryTarget, memoryTarget } from './memory-target.ts';
export { withTempDir } from './temp-dir.ts';
export { skipWithoutVectors, vectorsDir } from './vectors.ts';
