// The questions through node:http, as plainly as can be.
import { Agent, type IncomingMessage, request } from 'node:http';
import { askAll } from './questions.ts';

const agent = new Agent({ keepAlive: true });

await askAll(
  (method, url) =>
    new Promise((resolve, reject) => {
      const answered = (answer: IncomingMessage): void => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(parts));
          else reject(new Error(`${url}: ${answer.statusCode}`));
        });
        answer.on('error', reject);
      };
      request(url, { agent, method }, answered).on('error', reject).end();
    }),
);
agent.destroy();
