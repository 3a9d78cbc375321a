export { withTempDir } from './temp-dir.ts';
export { skipWithoutVectors, vectorsDir } from './vectors.ts';
