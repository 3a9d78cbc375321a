// The questions through the fetch of the runtime.
import { askAll } from './questions.ts';

await askAll(async (method, url) => {
  const answer = await fetch(url, { method });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  return await answer.bytes();
});
