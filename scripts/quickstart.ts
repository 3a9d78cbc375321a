// The main job end to end on embedded parts: builds nv2, serves a registry, pushes an image, signs,
// verifies and shows it, and lets three bad images be refused, each with its reason.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Descriptor } from '@nv2/oci';
import { pushImage, type QuickstartImage, signAs } from './quickstart-image.ts';
import { ROOT, runNode } from './run-command.ts';

const POLICY = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'quickstart',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:wabbit-networks.io'],
      trustedIdentities: ['x509.subject: C=US, ST=WA, O=Notary, CN=wabbit-networks.io'],
    },
  ],
};

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs `nv2 ARGS` as a user would, and shows the command and what it printed. */
async function nv2(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  say(`\n$ nv2 ${args.map((a) => (/^[\w@%+=:,./-]+$/.test(a) ? a : `'${a}'`)).join(' ')}`);
  const child = spawn(join(ROOT, 'bin/nv2'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process.stdout.write(text.replace(/^(?=.)/gm, '  '));
    });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve(status ?? 1));
  });
  return { code, output };
}

async function mustPass(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { code, output } = await nv2(args, env);
  if (code !== 0) throw new Error(`nv2 ${args[0]} should have succeeded, got exit code ${code}`);
  return output;
}

/** Fails unless the command is refused, and for this reason: a broken network is no refusal. */
async function mustRefuse(
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly reason: string },
): Promise<void> {
  const { code, output } = await nv2(args, options.env);
  if (code === 1 && output.includes(`[${options.reason}]`)) return;
  throw new Error(`nv2 ${args.join(' ')} should have been refused with ${options.reason}`);
}

/** Starts `nv2 registry serve` on a free port; resolves to its host and port. */
async function startRegistry(dir: string): Promise<{ child: ChildProcess; host: string }> {
  say(`\n$ nv2 registry serve --dir ${dir} --listen 127.0.0.1:0 &`);
  const child = spawn(
    join(ROOT, 'bin/nv2'),
    ['registry', 'serve', '--dir', dir, '--listen', '127.0.0.1:0'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    say(`  ${line}`);
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return { child, host: `localhost:${port}` };
  }
  throw new Error('the registry did not start');
}

type Pushed = Omit<QuickstartImage, 'repository'>;

async function pushTo(
  host: string,
  { tag, ...rest }: Pushed,
): Promise<{ readonly image: Descriptor; readonly name: string }> {
  const image = await pushImage(host, { repository: 'app', tag, ...rest });
  say(`  pushed ${host}/app:${tag} (${image.digest})`);
  return { image, name: `${host}/app@${image.digest}` };
}

async function show(host: string, work: string): Promise<void> {
  const env = { ...process.env, NOTATION_CONFIG: join(work, 'config') };
  say('\nAn image, a test certificate that signs by default, and a policy that trusts it:');
  const push = (image: Pushed) => pushTo(host, image);
  const { image, name: signed } = await push({ tag: 'v1', content: 'hello' });
  await mustPass(['cert', 'generate-test', '--default', 'wabbit-networks.io'], env);
  await writeFile(join(work, 'policy.json'), JSON.stringify(POLICY, null, 2));
  await mustPass(['policy', 'import', join(work, 'policy.json')], env);

  say('\nSign it, verify it, look at it:');
  await mustPass(['sign', signed], env);
  await mustPass(['verify', signed], env);
  await mustPass(['inspect', signed], env);

  say('\nAn image that nobody signed is refused:');
  const unsigned = await push({ tag: 'unsigned', content: 'who made this?' });
  const reasons = { unsigned: 'NOTARY_SIGNATURE_NOT_FOUND', tampered: 'NOTARY_SUBJECT_MISMATCH' };
  await mustRefuse(['verify', unsigned.name], { env, reason: reasons.unsigned });

  say('\nA tampered image, to which the signature of the good one was attached, is refused:');
  const content = 'hello, world';
  const tampered = await push({ tag: 'tampered', content, stealSignaturesOf: image });
  await mustRefuse(['verify', tampered.name], { env, reason: reasons.tampered });

  say('\nAn image signed by somebody whom the policy does not trust is refused:');
  const other = await push({ tag: 'stranger', content: 'trust me' });
  const commonName = 'stranger.example';
  await signAs(host, { repository: 'app', subject: other.image, commonName });
  await mustRefuse(['verify', other.name], { env, reason: 'NOTARY_CHAIN_UNTRUSTED' });
}

async function quickstart(): Promise<void> {
  say('Building nv2');
  if ((await runNode(['scripts/build.ts'])) !== 0) throw new Error('the build failed');
  const work = await mkdtemp(join(tmpdir(), 'nv2-quickstart-'));
  let registry: ChildProcess | undefined;
  try {
    const started = await startRegistry(join(work, 'registry'));
    registry = started.child;
    await show(started.host, work);
    say('\nThe signed image was verified; the unsigned, tampered and wrongly signed were refused.');
    say('Next: the one-minute tour in README.md, and bin/nv2 --help');
  } finally {
    registry?.kill();
    await rm(work, { recursive: true, force: true });
  }
}

await quickstart();
