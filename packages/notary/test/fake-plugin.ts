import { type EnvelopeMediaType, type Signer, type SignRequest, signEnvelope } from '@nv2/envelope';
import type {
  Plugin,
  PluginCommand,
  PluginCommands,
  PluginFinder,
  PluginMetadata,
} from '@nv2/notary';
import { CAPABILITY, NotaryError } from '@nv2/notary';
import { NOW, type TestSigner } from './fixture.ts';

/** The id of the key that the plugins of the tests have. */
export const KEY_ID = 'key1';

/** The answers of a plugin in memory, by command. */
export type FakeAnswers = {
  readonly [C in PluginCommand]?: (
    request: PluginCommands[C]['request'],
  ) => Promise<PluginCommands[C]['response']> | PluginCommands[C]['response'];
};

/** What was asked of a plugin, in order. */
export type FakeCalls = (readonly [PluginCommand, unknown])[];

/** A plugin in memory, and what is asked of it. */
export function fakePlugin(
  metadata: Partial<PluginMetadata>,
  answers: FakeAnswers,
): { readonly plugin: Plugin; readonly calls: FakeCalls } {
  const calls: FakeCalls = [];
  const all: FakeAnswers = {
    'get-plugin-metadata': () => ({
      name: 'demo',
      description: 'a plugin for tests',
      version: '1.0.0',
      url: 'https://plugins.example/demo',
      supportedContractVersions: ['1.0'],
      capabilities: [],
      ...metadata,
    }),
    ...answers,
  };
  const plugin: Plugin = {
    name: 'demo',
    call: async (command, request) => {
      calls.push([command, request]);
      const answer = all[command];
      if (answer === undefined) {
        throw new NotaryError('NOTARY_PLUGIN_FAILED', `the command ${command} is not there`);
      }
      return answer(request);
    },
  };
  return { plugin, calls };
}

/** Finds that plugin, and no other. */
export function finderOf(plugin: Plugin): PluginFinder {
  return {
    find: async (name) => {
      if (name === plugin.name) return plugin;
      throw new NotaryError('NOTARY_PLUGIN_NOT_FOUND', `there is no plugin ${name}`);
    },
  };
}

type Key = Signer & { readonly agent?: string };

function keyOf({ signer }: TestSigner): Key {
  return signer;
}

/** A plugin with a key that signs bytes, and answers that replace its own. */
export function rawPlugin(
  by: TestSigner,
  changes: {
    readonly describe?: Partial<PluginCommands['describe-key']['response']>;
    readonly generate?: Partial<PluginCommands['generate-signature']['response']>;
    readonly answers?: FakeAnswers;
  } = {},
): ReturnType<typeof fakePlugin> {
  return fakePlugin(
    { capabilities: [CAPABILITY.rawSignature, CAPABILITY.envelope] },
    {
      'describe-key': ({ keyId }) => ({ keyId, keySpec: 'EC-256', ...changes.describe }),
      'generate-signature': async ({ keyId, payload }) => {
        const { signature, certificateChain } = await keyOf(by).sign(payload);
        return {
          keyId,
          signature,
          signingAlgorithm: 'ECDSA-SHA-256',
          certificateChain: certificateChain.map(({ der }) => der),
          ...changes.generate,
        };
      },
      ...changes.answers,
    },
  );
}

/** A plugin that makes whole envelopes. */
export function envelopePlugin(
  by: TestSigner,
  changes: {
    readonly payload?: (asked: Uint8Array) => Uint8Array;
    readonly request?: Partial<SignRequest>;
    readonly type?: string;
    readonly envelope?: (made: Uint8Array) => Uint8Array;
    readonly annotations?: ReadonlyMap<string, string>;
    readonly capability?: string;
  } = {},
): ReturnType<typeof fakePlugin> {
  return fakePlugin(
    { capabilities: [changes.capability ?? CAPABILITY.envelope] },
    {
      'describe-key': ({ keyId }) => ({ keyId, keySpec: 'EC-256' }),
      'generate-envelope': async (asked) => {
        const { payload, payloadType, signatureEnvelopeType, expiryDurationInSeconds } = asked;
        const expiry = new Date(NOW.getTime() + expiryDurationInSeconds * 1000);
        const format = signatureEnvelopeType as EnvelopeMediaType;
        const made = await signEnvelope(
          format,
          {
            payload: changes.payload?.(payload) ?? payload,
            payloadType,
            scheme: 'notary.x509',
            signingTime: NOW,
            ...(expiryDurationInSeconds > 0 && { expiry }),
            ...changes.request,
          },
          { signer: keyOf(by) },
        );
        return {
          signatureEnvelope: changes.envelope?.(made) ?? made,
          signatureEnvelopeType: changes.type ?? signatureEnvelopeType,
          annotations: changes.annotations ?? new Map(),
        };
      },
    },
  );
}
