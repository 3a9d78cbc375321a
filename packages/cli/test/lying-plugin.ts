// A plugin for the script tests, which does what it is told in its settings: every lie, too.
// usage: lying-plugin.ts NAME VERSION CAPABILITIES COMMAND < REQUEST; the id of a key is the path of
// its PEM file (RSA, 2048 bits), beside which its chain is, with the extension .crt
import type { EnvelopeMediaType, ExtendedAttribute, Signer } from '@nv2/envelope';

interface Request {
  readonly keyId?: string;
  readonly payload?: string;
  readonly payloadType?: string;
  readonly signatureEnvelopeType?: string;
  readonly expiryDurationInSeconds?: number;
  readonly pluginConfig?: Readonly<Record<string, string>>;
  readonly trustPolicy?: { readonly signatureVerification: readonly string[] };
}

const [name = '', version = '', capabilities = '', command = ''] = process.argv.slice(2);

async function answer(request: Request): Promise<object> {
  switch (command) {
    case 'get-plugin-metadata':
      return {
        name,
        description: 'does what it is told',
        version,
        url: 'https://plugins.example/lying',
        supportedContractVersions: ['1.0'],
        capabilities: capabilities.split(','),
      };
    case 'describe-key':
      return { keyId: request.keyId, keySpec: 'RSA-2048', ...told(request, 'describe-key') };
    case 'generate-signature':
      return await signature(request);
    case 'generate-envelope':
      return await envelope(request);
    case 'verify-signature':
      return verification(request);
    default:
      throw new Error(`no command ${command}`);
  }
}

// What signs is loaded only where something is signed: most calls are answered without.
async function signer({ keyId = '' }: Request): Promise<Signer> {
  const { loadKeyPair } = await import('@nv2/notary');
  return await loadKeyPair({ keyPath: keyId, certPath: keyId.replace(/key$/, 'crt') });
}

async function signature(request: Request): Promise<object> {
  const signed = await (await signer(request)).sign(bytesOf(request.payload));
  const made = {
    keyId: request.keyId,
    signature: toBase64(signed.signature),
    signingAlgorithm: 'RSASSA-PSS-SHA-256',
    certificateChain: signed.certificateChain.map(({ der }) => toBase64(der)),
  };
  return { ...made, ...told(request, 'generate-signature') };
}

async function envelope(request: Request): Promise<object> {
  const { pluginConfig = {}, payloadType = '', expiryDurationInSeconds = 0 } = request;
  const { signEnvelope } = await import('@nv2/envelope');
  const type = request.signatureEnvelopeType as EnvelopeMediaType;
  const signingTime = new Date();
  const made = await signEnvelope(
    type,
    {
      payload: pluginConfig['payload']
        ? Buffer.from(pluginConfig['payload'])
        : bytesOf(request.payload),
      payloadType,
      scheme: 'notary.x509',
      signingTime,
      ...(expiryDurationInSeconds > 0 && {
        expiry: new Date(signingTime.getTime() + expiryDurationInSeconds * 1000),
      }),
      extendedAttributes: Object.entries(pluginConfig).flatMap(attribute),
    },
    { signer: await signer(request) },
  );
  return {
    signatureEnvelope: toBase64(made),
    signatureEnvelopeType: type,
    ...told(request, 'generate-envelope'),
  };
}

/** A setting `critical:NAME=VALUE` is a critical attribute. */
function attribute([key, value]: readonly [string, string]): readonly ExtendedAttribute[] {
  if (!key.startsWith('critical:')) return [];
  return [{ key: key.slice('critical:'.length), critical: true, value }];
}

function verification(request: Request): object {
  const { signatureVerification = [] } = request.trustPolicy ?? {};
  const results = signatureVerification.map((capability) => {
    const reason = request.pluginConfig?.[capability];
    return [capability, { success: reason === undefined, ...(reason && { reason }) }];
  });
  return {
    verificationResults: Object.fromEntries(results),
    processedAttributes: null,
    ...told(request, 'verify-signature'),
  };
}

/** What the setting that is called as the command says to answer instead, as JSON. */
function told({ pluginConfig = {} }: Request, of: string): object {
  const said = pluginConfig[of];
  return said === undefined ? {} : JSON.parse(said);
}

function bytesOf(base64 = ''): Uint8Array {
  return Buffer.from(base64, 'base64');
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

const chunks: Uint8Array[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const request: Request = JSON.parse(Buffer.concat(chunks).toString());
if (request.pluginConfig?.['fail'] === command) {
  process.stderr.write(JSON.stringify({ errorCode: 'ACCESS_DENIED', errorMessage: 'no access' }));
  process.exitCode = 1;
} else if (request.pluginConfig?.['mutter'] === command) {
  process.stderr.write('no JSON');
  process.exitCode = 1;
} else if (request.pluginConfig?.['babble'] === command) {
  process.stdout.write('no JSON');
} else if (request.pluginConfig?.['crash'] === command) {
  process.exitCode = 3;
} else if (request.pluginConfig?.['kill'] === command) {
  process.kill(process.pid, 'SIGKILL');
} else if (request.pluginConfig?.['hang'] === command) {
  setInterval(() => undefined, 1000);
} else if (request.pluginConfig?.['flood'] === command) {
  const bytes = new Uint8Array(1024 * 1024).fill(32);
  for (let i = 0; i < 80; i++) process.stdout.write(bytes);
} else {
  process.stdout.write(JSON.stringify(await answer(request)));
}
