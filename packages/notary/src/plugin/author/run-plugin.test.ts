import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultCrypto, encodeBase64, encodeUtf8 } from '@nv2/core';
import { localSigner, signatureAlgorithmFor } from '@nv2/envelope';
import { makeChain } from '@nv2/testkit';
import fc from 'fast-check';
import { MAX_PLUGIN_REQUEST_BYTES } from './answer.ts';
import { type PluginDefinition, pluginError, runPlugin, signerHandlers } from './run-plugin.ts';

const METADATA = {
  name: 'demo',
  description: 'a plugin for tests',
  version: '1.0.0',
  url: 'https://plugins.example/demo',
};

const SIGNER: PluginDefinition = {
  metadata: { ...METADATA, capabilities: ['SIGNATURE_GENERATOR.RAW'] },
  describeKey: () => 'EC-256',
  generateSignature: ({ payload }) => ({
    signature: payload.toReversed(),
    certificateChain: [Uint8Array.of(1), Uint8Array.of(2)],
  }),
};

const VERIFIER: PluginDefinition = {
  metadata: { ...METADATA, capabilities: ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY'] },
  verifySignature: ({ signature }) => ({
    verificationResults: new Map([
      [
        'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
        { success: false, reason: `expires ${signature.criticalAttributes.expiry}` },
      ],
    ]),
    processedAttributes: [...signature.criticalAttributes.extendedAttributes.keys()],
  }),
};

interface Outcome {
  readonly exitCode: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a plugin as the process of one command. */
async function run(
  plugin: PluginDefinition,
  args: readonly string[],
  input: Uint8Array | object,
): Promise<Outcome> {
  const streams = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (bytes: Uint8Array) => {
      streams[name] += new TextDecoder().decode(bytes);
    },
  });
  const bytes = input instanceof Uint8Array ? input : encodeUtf8(JSON.stringify(input));
  const io = {
    argv: ['node', 'plugin', ...args],
    stdin: (async function* () {
      yield bytes;
    })(),
    stdout: into('stdout'),
    stderr: into('stderr'),
    exitCode: undefined,
  };
  await runPlugin(plugin, io);
  return { exitCode: io.exitCode, ...streams };
}

async function answer(plugin: PluginDefinition, command: string, input: object): Promise<unknown> {
  const { exitCode, stdout, stderr } = await run(plugin, [command], input);
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  return JSON.parse(stdout);
}

async function fault(
  plugin: PluginDefinition,
  command: string,
  input: Uint8Array | object,
): Promise<{ readonly errorCode: string; readonly errorMessage: string }> {
  const { exitCode, stdout, stderr } = await run(plugin, [command], input);
  assert.equal(stdout, '');
  assert.equal(exitCode, 1);
  return JSON.parse(stderr);
}

const KEY = { contractVersion: '1.0', keyId: 'key1' };
const SIGN = { ...KEY, keySpec: 'EC-256', hashAlgorithm: 'SHA-256', payload: 'AQID' };

describe('a plugin', () => {
  test('says what it is', async () => {
    assert.deepEqual(await answer(SIGNER, 'get-plugin-metadata', {}), {
      ...SIGNER.metadata,
      supportedContractVersions: ['1.0'],
    });
  });

  test('describes a key, and signs: key id and algorithm are filled in', async () => {
    assert.deepEqual(await answer(SIGNER, 'describe-key', KEY), {
      keyId: 'key1',
      keySpec: 'EC-256',
    });
    assert.deepEqual(await answer(SIGNER, 'generate-signature', SIGN), {
      keyId: 'key1',
      signature: 'AwIB',
      signingAlgorithm: 'ECDSA-SHA-256',
      certificateChain: ['AQ==', 'Ag=='],
    });
  });

  const algorithms = [
    ['RSA-2048', 'SHA-256', 'RSASSA-PSS-SHA-256'],
    ['RSA-3072', 'SHA-384', 'RSASSA-PSS-SHA-384'],
    ['RSA-4096', 'SHA-512', 'RSASSA-PSS-SHA-512'],
    ['EC-384', 'SHA-384', 'ECDSA-SHA-384'],
    ['EC-521', 'SHA-512', 'ECDSA-SHA-512'],
  ] as const;
  for (const [keySpec, hashAlgorithm, signingAlgorithm] of algorithms) {
    test(`signs with ${signingAlgorithm} where the key is ${keySpec}`, async () => {
      const request = { ...SIGN, keySpec, hashAlgorithm };
      const response = await answer(SIGNER, 'generate-signature', request);
      assert.partialDeepStrictEqual(response, { signingAlgorithm });
    });
  }

  test('makes an envelope of the type that is asked for', async () => {
    const plugin: PluginDefinition = {
      metadata: { ...METADATA, capabilities: ['SIGNATURE_GENERATOR.ENVELOPE'] },
      generateEnvelope: ({ payload }) => ({
        signatureEnvelope: payload,
        annotations: new Map([['a', 'b']]),
      }),
    };
    const request = {
      ...KEY,
      payloadType: 'application/vnd.cncf.notary.payload.v1+json',
      signatureEnvelopeType: 'application/cose',
      payload: 'AQID',
    };
    assert.deepEqual(await answer(plugin, 'generate-envelope', request), {
      signatureEnvelope: 'AQID',
      signatureEnvelopeType: 'application/cose',
      annotations: { a: 'b' },
    });
  });

  const verify = (expiry: string): object => ({
    contractVersion: '1.0',
    signature: {
      criticalAttributes: {
        contentType: 'application/vnd.cncf.notary.payload.v1+json',
        signingScheme: 'notary.x509',
        expiry,
        extendedAttributes: { attribute: { any: ['json'] } },
      },
      unprocessedAttributes: null,
      certificateChain: ['AQ=='],
    },
    trustPolicy: {
      trustedIdentities: ['*'],
      signatureVerification: ['SIGNATURE_VERIFIER.TRUSTED_IDENTITY'],
    },
  });

  test('verifies; no expiry is none, whatever Go writes for it', async () => {
    for (const [expiry, seen] of [
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
      ['0001-01-01T00:00:00Z', 'undefined'],
    ] as const) {
      assert.deepEqual(await answer(VERIFIER, 'verify-signature', verify(expiry)), {
        verificationResults: {
          'SIGNATURE_VERIFIER.TRUSTED_IDENTITY': { success: false, reason: `expires ${seen}` },
        },
        processedAttributes: ['attribute'],
      });
    }
  });

  const refused: readonly (readonly [string, string, string, Uint8Array | object])[] = [
    ['a command that is not known', 'VALIDATION_ERROR', 'sign-all', KEY],
    ['a name of every object', 'VALIDATION_ERROR', 'toString', KEY],
    ['a command without handler', 'VALIDATION_ERROR', 'verify-signature', verify('')],
    ['what is not JSON', 'VALIDATION_ERROR', 'describe-key', encodeUtf8('hello')],
    ['JSON and more', 'VALIDATION_ERROR', 'describe-key', encodeUtf8('{} {}')],
    ['invalid UTF-8', 'VALIDATION_ERROR', 'describe-key', Uint8Array.of(0x22, 0xff, 0x22)],
    ['nothing', 'VALIDATION_ERROR', 'get-plugin-metadata', new Uint8Array()],
    [
      'another contract',
      'UNSUPPORTED_CONTRACT_VERSION',
      'describe-key',
      { ...KEY, contractVersion: '2.0' },
    ],
    ['no contract', 'UNSUPPORTED_CONTRACT_VERSION', 'describe-key', { keyId: 'key1' }],
    ['no key id', 'VALIDATION_ERROR', 'describe-key', { ...KEY, keyId: '' }],
    [
      'another key specification',
      'VALIDATION_ERROR',
      'generate-signature',
      { ...SIGN, keySpec: 'RSA-1024' },
    ],
    [
      'another hash than the key has',
      'VALIDATION_ERROR',
      'generate-signature',
      { ...SIGN, hashAlgorithm: 'SHA-1' },
    ],
    [
      'a payload that is not base64',
      'VALIDATION_ERROR',
      'generate-signature',
      { ...SIGN, payload: '?' },
    ],
  ];
  for (const [what, errorCode, command, input] of refused) {
    test(`refuses ${what}`, async () => {
      assert.equal((await fault(SIGNER, command, input)).errorCode, errorCode);
    });
  }

  test('refuses to be run without a command', async () => {
    const { exitCode, stderr } = await run(SIGNER, [], {});
    assert.equal(exitCode, 1);
    assert.match(stderr, /VALIDATION_ERROR/);
  });

  test('security row 3: reads no more than it takes', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let chunks = 0;
    const stdin = (async function* () {
      for (;;) {
        chunks++;
        yield chunk;
      }
    })();
    let said = '';
    const write = (bytes: Uint8Array): void => {
      said += new TextDecoder().decode(bytes);
    };
    await runPlugin(SIGNER, {
      argv: ['', '', 'describe-key'],
      stdin,
      stdout: { write },
      stderr: { write },
    });
    assert.match(said, /more than 67108864 bytes/);
    assert.equal(chunks, MAX_PLUGIN_REQUEST_BYTES / chunk.length + 1);
  });

  test('refuses every command while it lacks what its capabilities promise', async () => {
    const { describeKey, ...plugin } = SIGNER;
    assert.ok(describeKey);
    const { errorCode, errorMessage } = await fault(plugin, 'get-plugin-metadata', {});
    assert.equal(errorCode, 'ERROR');
    assert.match(errorMessage, /SIGNATURE_GENERATOR\.RAW and no describeKey/);
  });

  test('says a result for every capability, or nothing', async () => {
    const plugin: PluginDefinition = {
      ...VERIFIER,
      verifySignature: () => ({ verificationResults: new Map(), processedAttributes: [] }),
    };
    assert.equal((await fault(plugin, 'verify-signature', verify(''))).errorCode, 'ERROR');
  });

  test('says what its handler has thrown', async () => {
    const throwing = (error: unknown): PluginDefinition => ({
      ...SIGNER,
      describeKey: () => {
        throw error;
      },
    });
    const denied = throwing(pluginError('ACCESS_DENIED', 'unlock the token', { slot: '1' }));
    assert.deepEqual(await fault(denied, 'describe-key', KEY), {
      errorCode: 'ACCESS_DENIED',
      errorMessage: 'unlock the token',
      errorMetadata: { slot: '1' },
    });
    assert.deepEqual(await fault(throwing(new Error('no')), 'describe-key', KEY), {
      errorCode: 'ERROR',
      errorMessage: 'no',
    });
    assert.deepEqual(await fault(throwing('text'), 'describe-key', KEY), {
      errorCode: 'ERROR',
      errorMessage: 'text',
    });
  });

  test('answers any bytes as the contract has it', async () => {
    const commands = [
      'get-plugin-metadata',
      'describe-key',
      'generate-signature',
      'verify-signature',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...commands),
        fc.oneof(fc.uint8Array(), fc.json().map(encodeUtf8)),
        async (command, bytes) => {
          const { exitCode, stdout, stderr } = await run(SIGNER, [command], bytes);
          assert.equal(typeof JSON.parse(exitCode === 0 ? stdout : stderr), 'object');
        },
      ),
    );
  });
});

describe('a plugin that has a signer', () => {
  test('describes its key and signs with it', async () => {
    const { chain, leafKey } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-384' } });
    const asked: string[] = [];
    const plugin: PluginDefinition = {
      metadata: { ...METADATA, capabilities: ['SIGNATURE_GENERATOR.RAW'] },
      ...signerHandlers((keyId, config) => {
        asked.push(`${keyId} ${config.get('slot')}`);
        return Promise.resolve(localSigner(leafKey, chain));
      }),
    };
    const key = { ...KEY, pluginConfig: { slot: '7' } };
    assert.deepEqual(await answer(plugin, 'describe-key', key), {
      keyId: 'key1',
      keySpec: 'EC-384',
    });
    const payload = encodeUtf8('to be signed');
    const sign = {
      ...key,
      keySpec: 'EC-384',
      hashAlgorithm: 'SHA-384',
      payload: encodeBase64(payload),
    };
    const response = (await answer(plugin, 'generate-signature', sign)) as {
      readonly signature: string;
      readonly certificateChain: readonly string[];
    };
    assert.deepEqual(
      response.certificateChain,
      chain.map(({ der }) => encodeBase64(der)),
    );
    const [leaf] = chain;
    assert.ok(leaf?.publicKey);
    const { scheme } = signatureAlgorithmFor(leaf.publicKey);
    const signature = Uint8Array.from(Buffer.from(response.signature, 'base64'));
    assert.ok(await defaultCrypto.verify(leaf.publicKey, scheme, payload, signature));
    assert.deepEqual(asked, ['key1 7', 'key1 7']);
  });

  test('refuses a request for a key of another specification', async () => {
    const { chain, leafKey } = await makeChain({ algorithm: { kind: 'ec', curve: 'P-384' } });
    const plugin: PluginDefinition = {
      metadata: { ...METADATA, capabilities: ['SIGNATURE_GENERATOR.RAW'] },
      ...signerHandlers(() => Promise.resolve(localSigner(leafKey, chain))),
    };
    assert.equal((await fault(plugin, 'generate-signature', SIGN)).errorCode, 'VALIDATION_ERROR');
  });
});
