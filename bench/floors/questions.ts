// What a verification asks of a registry, and nothing else that it does.
import { readFileSync } from 'node:fs';

/** Asks one question, and reads its answer to the end. */
export type Ask = (method: 'GET' | 'HEAD', url: string) => Promise<Uint8Array>;

/** Where a signed image stands: its repository, and the digests that a verification comes upon. */
export interface Asked {
  /** `http://host:port/v2/repository` */
  readonly base: string;
  readonly subject: string;
  readonly signature: string;
}

const ARTIFACT_TYPE = 'application%2Fvnd.cncf.notary.signature';

/** Asks for every image of a file (the first argument; a line each), so many at a time (the second). */
export async function askAll(ask: Ask): Promise<void> {
  const [file = '', atOnce = '1'] = process.argv.slice(2);
  const images = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line) as Asked);
  const left = images.values();
  const work = async (): Promise<void> => {
    for (const image of left) await askOne(ask, image);
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
}

async function askOne(ask: Ask, { base, subject, signature }: Asked): Promise<void> {
  await Promise.all([
    ask('HEAD', `${base}/manifests/${subject}`),
    ask('GET', `${base}/referrers/${subject}?artifactType=${ARTIFACT_TYPE}`),
  ]);
  await ask('GET', `${base}/manifests/${signature}`);
}
