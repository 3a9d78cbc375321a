import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeUtf8, encodeUtf8, Nv2Error } from '@nv2/core';
import { COSE_MEDIA_TYPE, encodePayload, JWS_MEDIA_TYPE } from '@nv2/envelope';
import {
  CAPABILITY,
  loadSigner,
  type Plugin,
  type PluginSignerOptions,
  pluginSigner,
  type SignBlobOptions,
  sign,
  signBlob,
} from '@nv2/notary';
import { envelopePlugin, finderOf, KEY_ID, rawPlugin } from './fake-plugin.ts';
import { NOW, testImage, testSigner, trusting, verdictOf } from './fixture.ts';

const by = await testSigner();
const other = await testSigner();

const FORMATS = [JWS_MEDIA_TYPE, COSE_MEDIA_TYPE] as const;

/** Signs the image of the tests with a key of a plugin, and gives what the target was asked for. */
async function signWith(
  plugin: Plugin,
  options: Partial<SignBlobOptions & PluginSignerOptions> = {},
): Promise<ReturnType<typeof testImage>> {
  const image = testImage();
  const { keyId = KEY_ID, pluginConfig = new Map(), ...rest } = options;
  const signer = await pluginSigner(plugin, { keyId, pluginConfig });
  const base = { format: JWS_MEDIA_TYPE, now: () => NOW, signingAgent: 'nv2/test' } as const;
  try {
    await sign({ source: image.target, version: 'v1' }, { ...base, ...rest, signer });
  } catch (error) {
    const pushes = image.target.calls.filter((call) => call !== 'resolve v1');
    assert.deepEqual(pushes, [], 'nothing was pushed');
    throw error;
  }
  return image;
}

function failing(code: string, rule?: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof Nv2Error &&
    error.code === code &&
    (rule === undefined || error.data['rule'] === rule);
}

/** The plugin is at fault, which decides nothing; whose key that was is said, and what to do. */
function refusing(rule: string, causeCode?: string): (error: unknown) => boolean {
  return (error) =>
    failing('NOTARY_PLUGIN_ANSWER_REFUSED', rule)(error) &&
    error instanceof Nv2Error &&
    error.kind === 'unavailable' &&
    error.data['causeCode'] === causeCode &&
    error.message.includes('plugin demo') &&
    error.hint?.includes(`"${KEY_ID}"`) === true;
}

describe('a plugin that signs bytes', () => {
  for (const format of FORMATS) {
    test(`signs ${format}, and the signature verifies`, async () => {
      const { plugin, calls } = rawPlugin(by);
      const pluginConfig = new Map([['a', 'b']]);
      const { target } = await signWith(plugin, { format, expirySeconds: 60, pluginConfig });
      const { outcome, signatures } = await verdictOf(target, { trustStore: trusting(by) });
      assert.equal(outcome, 'verified');
      assert.equal(signatures[0]?.expiry, '2026-03-01T12:01:00Z');
      assert.deepEqual(
        calls.map(([command]) => command),
        ['get-plugin-metadata', 'describe-key', 'generate-signature'],
      );
      assert.deepEqual(calls[1]?.[1], { contractVersion: '1.0', keyId: KEY_ID, pluginConfig });
      assert.partialDeepStrictEqual(calls[2]?.[1], {
        keyId: KEY_ID,
        keySpec: 'EC-256',
        hashAlgorithm: 'SHA-256',
        pluginConfig,
      });
    });
  }

  test('is named in the signing agent', async () => {
    const { target } = await signWith(rawPlugin(by).plugin);
    const [bytes] = [...target.contents.values()].filter((one) =>
      decodeUtf8(one).includes('signingAgent'),
    );
    assert.match(decodeUtf8(bytes ?? new Uint8Array()), /nv2\/test demo\/1\.0\.0/);
  });

  test('signs blobs by the digest algorithm of its key', async () => {
    const { plugin } = rawPlugin(by);
    const signer = await pluginSigner(plugin, { keyId: KEY_ID, purpose: 'blob' });
    const blob = [encodeUtf8('blob')];
    const { subject } = await signBlob(blob, { signer, format: JWS_MEDIA_TYPE, now: () => NOW });
    assert.match(subject.digest, /^sha256:/);
  });

  const otherChain = { certificateChain: other.chain.map(({ der }) => der) };
  const refusals: readonly (readonly [string, Parameters<typeof rawPlugin>[1], string, string?])[] =
    [
      ['describes another key', { describe: { keyId: 'k' } }, 'key-id'],
      ['has a key that cannot sign', { describe: { keySpec: 'RSA-1024' } }, 'key-spec'],
      ['signs with another key', { generate: { keyId: 'key10' } }, 'key-id'],
      [
        'signs with another algorithm',
        { generate: { signingAlgorithm: 'RSASSA-PSS-SHA-256' } },
        'signing-algorithm',
      ],
      [
        'has no certificates that can be read',
        { generate: { certificateChain: [Uint8Array.of(1)] } },
        'certificate',
      ],
      [
        'has no certificates',
        { generate: { certificateChain: [] } },
        'envelope',
        'ENVELOPE_CHAIN_INVALID',
      ],
      [
        'has its certificates in the wrong order',
        { generate: { certificateChain: by.chain.map(({ der }) => der).reverse() } },
        'envelope',
        'ENVELOPE_CHAIN_INVALID',
      ],
      [
        'has the certificates of others',
        { generate: otherChain },
        'envelope',
        'ENVELOPE_SIGNATURE_INVALID',
      ],
      [
        'has a chain without root',
        { generate: { certificateChain: by.chain.slice(0, -1).map(({ der }) => der) } },
        'envelope',
        'ENVELOPE_CHAIN_INVALID',
      ],
      [
        'signs something else',
        { generate: { signature: new Uint8Array(64) } },
        'envelope',
        'ENVELOPE_SIGNATURE_INVALID',
      ],
      [
        'answers nothing',
        { generate: { signature: new Uint8Array() } },
        'envelope',
        'ENVELOPE_SIGNATURE_INVALID',
      ],
      [
        'says another key specification than its chain has',
        {
          describe: { keySpec: 'EC-384' },
          generate: { signingAlgorithm: 'ECDSA-SHA-384' },
        },
        'envelope',
        'ENVELOPE_ALGORITHM_MISMATCH',
      ],
    ];
  for (const [what, changes, rule, causeCode] of refusals) {
    test(`security row 6: pushes nothing if it ${what}`, async () => {
      for (const format of FORMATS) {
        const { plugin } = rawPlugin(by, changes);
        await assert.rejects(signWith(plugin, { format }), refusing(rule, causeCode));
      }
    });
  }
});

describe('a plugin that makes envelopes', () => {
  for (const format of FORMATS) {
    test(`makes ${format}, and the signature verifies`, async () => {
      const { plugin, calls } = envelopePlugin(by, {
        annotations: new Map([
          ['from', 'plugin'],
          ['org.opencontainers.image.created', 'never'],
        ]),
      });
      const userMetadata = new Map([['build', '7']]);
      const { target, subject } = await signWith(plugin, {
        ...{ format, expirySeconds: 60, userMetadata },
      });
      const { outcome } = await verdictOf(target, { trustStore: trusting(by), userMetadata });
      assert.equal(outcome, 'verified');
      const request = calls[1]?.[1];
      assert.partialDeepStrictEqual(request, {
        payload: encodePayload({ ...subject, annotations: { build: '7' } }, format),
        payloadType: 'application/vnd.cncf.notary.payload.v1+json',
        signatureEnvelopeType: format,
        expiryDurationInSeconds: 60,
      });
      const [signature] = target.listed.get(subject.digest) ?? [];
      assert.equal(signature?.annotations?.['from'], 'plugin');
      const created = signature?.annotations?.['org.opencontainers.image.created'];
      assert.equal(created, '2026-03-01T12:00:00Z');
    });
  }

  const changed =
    (change: (payload: { targetArtifact: Record<string, unknown> }) => object) =>
    (payload: Uint8Array) =>
      encodeUtf8(JSON.stringify(change(JSON.parse(decodeUtf8(payload)))));
  const descriptor = (change: object) =>
    changed(({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, ...change } }));
  const critical = { key: 'x', critical: true, value: 'y' };

  test('may add annotations, an expiry, and attributes for a plugin that verifies', async () => {
    const verifier = {
      key: 'io.cncf.notary.verificationPlugin',
      critical: true,
      value: 'demo',
    };
    await signWith(
      envelopePlugin(by, {
        payload: descriptor({ annotations: { a: 'b' }, artifactType: 'text/plain' }),
        request: {
          scheme: 'notary.x509.signingAuthority',
          expiry: new Date(NOW.getTime() + 1000),
          extendedAttributes: [critical, verifier],
        },
      }).plugin,
    );
  });

  const digest = `sha256:${'0'.repeat(64)}`;
  const refusals: readonly (readonly [
    string,
    Parameters<typeof envelopePlugin>[1],
    string,
    string?,
  ])[] = [
    ['makes another format', { type: COSE_MEDIA_TYPE }, 'envelope-type'],
    ['makes nothing', { envelope: () => new Uint8Array() }, 'envelope', 'ENVELOPE_MALFORMED'],
    [
      'makes an envelope whose signature does not hold',
      {
        envelope: (made) =>
          encodeUtf8(decodeUtf8(made).replace(/"signature":".../, '"signature":"AAA')),
      },
      'envelope',
      'ENVELOPE_SIGNATURE_INVALID',
    ],
    ...(
      [
        ['another digest', { digest }],
        ['another size', { size: 1 }],
        ['another media type', { mediaType: 'text/plain' }],
        ['other annotations', { annotations: { build: '8' } }],
      ] as const
    ).map(
      ([what, change]) => [`signs ${what}`, { payload: descriptor(change) }, 'target'] as const,
    ),
    ['adds to the descriptor', { payload: descriptor({ trust: true }) }, 'unknown-members'],
    [
      'adds to the payload',
      { payload: changed((payload) => ({ ...payload, trust: true })) },
      'unknown-members',
    ],
    [
      'makes another payload type',
      { request: { payloadType: 'text/plain' } },
      'envelope',
      'ENVELOPE_PAYLOAD_INVALID',
    ],
    ['forgets the expiry', { request: { expiry: undefined } }, 'expiry'],
    ['lets it expire late', { request: { expiry: new Date(NOW.getTime() + 61_000) } }, 'expiry'],
    [
      'adds a critical attribute that nobody could process',
      { request: { extendedAttributes: [critical] } },
      'envelope',
      'NOTARY_ATTRIBUTE_UNSUPPORTED',
    ],
  ];
  for (const [what, changes, rule, causeCode] of refusals) {
    test(`security row 6: pushes nothing if it ${what}`, async () => {
      const userMetadata = new Map([['build', '7']]);
      const { plugin } = envelopePlugin(by, changes);
      const signing = signWith(plugin, { expirySeconds: 60, userMetadata });
      await assert.rejects(signing, refusing(rule, causeCode));
    });
  }

  test('is not asked where a timestamp is wanted: it gets its own', async () => {
    const { plugin, calls } = envelopePlugin(by);
    const timestamp = (): Promise<Uint8Array> => Promise.reject(new Error('was asked'));
    await assert.rejects(
      signWith(plugin, { timestamp }),
      failing('NOTARY_PLUGIN_TIMESTAMP_UNSUPPORTED'),
    );
    assert.equal(calls.length, 1);
  });

  test('signs blobs only with the capability for them', async () => {
    const blob = [encodeUtf8('blob')];
    const options = { format: JWS_MEDIA_TYPE, now: () => NOW } as const;
    const { plugin } = envelopePlugin(by, { capability: CAPABILITY.blobEnvelope });
    const signer = await pluginSigner(plugin, { keyId: KEY_ID, purpose: 'blob' });
    const { subject } = await signBlob(blob, { ...options, signer });
    assert.match(subject.digest, /^sha256:/);
    await assert.rejects(
      pluginSigner(envelopePlugin(by).plugin, { keyId: KEY_ID, purpose: 'blob' }),
      failing('NOTARY_PLUGIN_CAPABILITY_MISSING'),
    );
    await assert.rejects(
      pluginSigner(plugin, { keyId: KEY_ID }),
      failing('NOTARY_PLUGIN_CAPABILITY_MISSING'),
    );
    const forImages = await pluginSigner(envelopePlugin(by).plugin, { keyId: KEY_ID });
    await assert.rejects(
      signBlob(blob, { ...options, signer: forImages }),
      failing('NOTARY_PLUGIN_CAPABILITY_MISSING'),
    );
  });

  test('makes no envelope of a blob with another algorithm than its key is described with', async () => {
    const another = await testSigner({ algorithm: { kind: 'ec', curve: 'P-384' } });
    const { plugin } = envelopePlugin(another, { capability: CAPABILITY.blobEnvelope });
    const signer = await pluginSigner(plugin, { keyId: KEY_ID, purpose: 'blob' });
    for (const format of FORMATS) {
      await assert.rejects(
        signBlob([encodeUtf8('blob')], { format, now: () => NOW, signer }),
        failing('NOTARY_PLUGIN_ANSWER_REFUSED', 'signing-algorithm'),
      );
    }
  });
});

describe('a listed key in a plugin', () => {
  const key = {
    kind: 'plugin',
    name: 'app',
    id: KEY_ID,
    pluginName: 'demo',
    pluginConfig: new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  } as const;

  test('is found, and the caller’s settings go over those that are listed', async () => {
    const { plugin, calls } = rawPlugin(by);
    const pluginConfig = new Map([['b', '3']]);
    await loadSigner(key, { plugins: finderOf(plugin), pluginConfig });
    const merged = new Map([
      ['a', '1'],
      ['b', '3'],
    ]);
    assert.deepEqual(calls[0]?.[1], { pluginConfig: merged });
    assert.partialDeepStrictEqual(calls[1]?.[1], { keyId: KEY_ID, pluginConfig: merged });
  });

  test('is refused without plugins, and without an id', async () => {
    await assert.rejects(loadSigner(key), failing('NOTARY_KEY_PLUGIN_UNSUPPORTED'));
    const plugins = finderOf(rawPlugin(by).plugin);
    const noId = { ...key, id: '' };
    await assert.rejects(loadSigner(noId, { plugins }), failing('NOTARY_KEY_NAME_EMPTY'));
  });
});
