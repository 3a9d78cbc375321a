// The questions through the fetch of the runtime.
import { askAll } from './questions.ts';

await askAll(async (method, url) => (await fetch(url, { method })).bytes());
