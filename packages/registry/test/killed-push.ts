// Pushes into a directory and kills itself at a durable step. Prints what was acknowledged.
import { writeSync } from 'node:fs';
import { describe as descriptorOf, Harness, IMAGE, imageManifest, utf8 } from './harness.ts';

const [directory = '', lastStep = ''] = process.argv.slice(2);
const harness = new Harness(directory);
let steps = 0;
await harness.open({
  onStep: () => {
    if (++steps >= Number(lastStep)) process.kill(process.pid, 'SIGKILL');
  },
});

function acknowledge(
  kind: string,
  entry: { digest: string; tag?: string; bytes: Uint8Array },
): void {
  const base64 = Buffer.from(entry.bytes).toString('base64');
  // written at once: a killed process has no time to flush
  writeSync(1, `${kind} a/b ${entry.digest} ${entry.tag ?? '-'} ${base64}\n`);
}

const subject = imageManifest([utf8('{}'), utf8('layer')]);
const referrer = imageManifest([utf8('{}')], { subject: descriptorOf(subject, IMAGE) });
for (const bytes of [utf8('{}'), utf8('layer')]) {
  acknowledge('blob', { digest: await harness.pushBlob('a/b', bytes), bytes });
}
acknowledge('manifest', {
  digest: await harness.pushManifest('a/b', subject, 'v1'),
  tag: 'v1',
  bytes: subject,
});
acknowledge('manifest', { digest: await harness.pushManifest('a/b', referrer), bytes: referrer });
