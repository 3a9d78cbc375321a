// What interop/browser.test.ts has a browser run: the example, on every case that the server has.
import { VerificationError } from '@nv2/notary/judge';
import { verifyImage } from '../examples/browser/verify.ts';
import { givenImage } from '../test/given-image.ts';
import type { SignedImage } from '../test/signed-image.ts';

async function answerTo(image: SignedImage) {
  try {
    const { verdict } = await verifyImage(...givenImage(image));
    return verdict.outcome;
  } catch (error) {
    if (!(error instanceof VerificationError)) return String(error);
    return `${error.verdict.outcome} ${error.verdict.signatures[0]?.cause?.code}`;
  }
}

const cases = (await (await fetch('/cases')).json()) as readonly SignedImage[];
const answers: string[] = [];
for (const one of cases) answers.push(await answerTo(one));
await fetch('/answers', { method: 'POST', body: JSON.stringify(answers) });
