// Keys and certificates for both homes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem, type KeySpec } from '@nv2/core';
import { makeChain, type ScriptCommand, type TestChain } from '@nv2/testkit';

const ALGORITHMS: Readonly<Record<string, KeySpec>> = {
  rsa: { kind: 'rsa', modulusBits: 2048 },
  ec: { kind: 'ec', curve: 'P-256' },
};
const DAY = 24 * 60 * 60 * 1000;

/**
 * `key NAME [rsa|ec] [DAYS]`: NAME.key, NAME.crt (the chain, leaf first) and NAME.root.crt, valid
 * from a day before to a year after so many days ago. RSA and today unless given.
 */
export function keyCommand(homes: readonly string[]): ScriptCommand {
  return async ({ args: [name = '', algorithm = 'rsa', daysAgo = '0'] }) => {
    const spec = ALGORITHMS[algorithm];
    assert.ok(spec, `no algorithm is called ${algorithm}`);
    const chain = await makeChain({
      algorithm: spec,
      commonName: name,
      now: new Date(Date.now() - Number(daysAgo) * DAY),
    });
    for (const home of homes) await writeKey(home, name, chain);
    return { stdout: '', stderr: '', exitCode: 0 };
  };
}

async function writeKey(home: string, name: string, { chain, leafPkcs8, root }: TestChain) {
  const pem = chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  await writeFile(join(home, `${name}.key`), encodePem('PRIVATE KEY', leafPkcs8), { mode: 0o600 });
  await writeFile(join(home, `${name}.crt`), pem);
  await writeFile(join(home, `${name}.root.crt`), encodePem('CERTIFICATE', root.der));
}
