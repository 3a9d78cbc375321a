// Certificates that openssl made, judged by nv2, and made again by what nv2 says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { peer, skipWithoutPeers } from './peers.ts';

interface Checked {
  readonly problems: readonly { readonly code: string; readonly advice: string }[];
  readonly extensions?: readonly string[];
}

const NV2 = fileURLToPath(new URL('../bin/nv2', import.meta.url));
const skip = await skipWithoutPeers('openssl');
const openssl = await peer('openssl');
const dir = mkdtempSync(join(tmpdir(), 'nv2-cert-check-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const EC: readonly string[] = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

const RSA: readonly string[] = ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
const SUBJECT = '/C=US/ST=WA/O=Acme/CN=check';

/** A self-signed certificate with these extensions. */
function makeCertificate(
  extensions: readonly string[],
  key = EC,
  signing: readonly string[] = [],
): string {
  const [config, keyFile, file] = ['openssl.cnf', 'key.pem', 'cert.pem'].map((n) => join(dir, n));
  assert.ok(config && keyFile && file);
  const request = ['[req]', 'distinguished_name = dn', 'x509_extensions = notary', '[dn]'];
  writeFileSync(config, [...request, ...extensions, ''].join('\n'));
  const made = ['-config', config, '-key', keyFile, '-subj', SUBJECT];
  succeed('genpkey', '-algorithm', ...key, '-out', keyFile);
  succeed('req', '-x509', ...made, ...signing, '-out', file);
  return file;
}

/** The last certificate again, as an advice has it after a colon. */
function issueAgain(advice: string): string {
  const [, command = ''] = advice.split(': openssl ');
  const [config, keyFile, request, file] = ['openssl.cnf', 'key.pem', 'cert.csr', 'cert.pem'].map(
    (name) => join(dir, name),
  );
  assert.ok(config && keyFile && request && file);
  const made = ['-config', config, '-key', keyFile, '-subj', SUBJECT];
  succeed('req', '-new', ...made, '-out', request);
  const by = ['-signkey', keyFile, '-extfile', config, '-extensions', 'notary'];
  succeed(...command.split(' '), '-in', request, ...by, '-out', file);
  return file;
}

function succeed(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(openssl, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

function check(file: string, flags: readonly string[]): { checked: Checked; exitCode: number } {
  const args = ['cert', 'check', '-o', 'json', ...flags, file];
  const { status, stdout, stderr } = spawnSync(NV2, args, { encoding: 'utf8' });
  const [checked] = stdout === '' ? [] : JSON.parse(stdout);
  assert.ok(checked, stderr);
  return { checked, exitCode: status ?? -1 };
}

describe('a certificate that openssl made', { skip }, () => {
  for (const { flags, extensions, codes } of [
    {
      flags: [],
      extensions: [
        '[notary]',
        'basicConstraints = CA:TRUE',
        'keyUsage = keyCertSign',
        'extendedKeyUsage = serverAuth, clientAuth',
      ],
      codes: [
        'X509_BASIC_CONSTRAINTS',
        'X509_KEY_USAGE',
        'X509_KEY_USAGE',
        'X509_KEY_USAGE',
        'X509_EXTENDED_KEY_USAGE',
      ],
    },
    {
      flags: ['--ca'],
      extensions: ['[notary]', 'keyUsage = critical, digitalSignature'],
      codes: ['X509_BASIC_CONSTRAINTS', 'X509_KEY_USAGE'],
    },
    {
      flags: ['--tsa'],
      extensions: ['[notary]', 'extendedKeyUsage = timeStamping, codeSigning'],
      codes: ['X509_KEY_USAGE', 'X509_EXTENDED_KEY_USAGE', 'X509_EXTENDED_KEY_USAGE'],
    },
    {
      flags: ['--ca', '--tsa'],
      extensions: ['[notary]', 'basicConstraints = CA:FALSE', 'extendedKeyUsage = codeSigning'],
      codes: ['X509_BASIC_CONSTRAINTS', 'X509_KEY_USAGE', 'X509_EXTENDED_KEY_USAGE'],
    },
  ]) {
    test(`is judged by every rule, and passes made as told (${flags.join(' ')})`, () => {
      const bad = check(makeCertificate(extensions), flags);
      assert.deepEqual(
        bad.checked.problems.map(({ code }) => code),
        codes,
      );
      assert.equal(bad.exitCode, 1);
      const good = check(makeCertificate(bad.checked.extensions ?? []), flags);
      assert.deepEqual(good.checked.problems, []);
      assert.equal(good.exitCode, 0);
    });
  }

  for (const { name, key, signing } of [
    { name: 'the salt of RSASSA-PSS', key: RSA, signing: ['-sigopt', 'rsa_padding_mode:pss'] },
    { name: 'SHA-224', key: EC, signing: ['-sha224'] },
  ]) {
    test(`is told of ${name}, and passes issued again as told`, () => {
      const section = [
        '[notary]',
        'basicConstraints = critical, CA:FALSE',
        'keyUsage = critical, digitalSignature',
        'extendedKeyUsage = codeSigning',
      ];
      const { checked } = check(makeCertificate(section, key, signing), []);
      assert.deepEqual(
        checked.problems.map(({ code }) => code),
        ['X509_ALGORITHM_UNSUPPORTED'],
      );
      const good = check(issueAgain(checked.problems[0]?.advice ?? ''), []);
      assert.deepEqual(good.checked.problems, []);
    });
  }

  test('with a key that is too small is told to have another', () => {
    const section = ['[notary]', 'keyUsage = critical, digitalSignature'];
    const small = ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
    const { checked, exitCode } = check(makeCertificate(section, small), []);
    assert.deepEqual(
      checked.problems.map(({ code }) => code),
      ['X509_KEY_UNSUPPORTED'],
    );
    assert.match(checked.problems[0]?.advice ?? '', /openssl genpkey/);
    assert.equal(exitCode, 1);
  });
});
