// A signing plugin for notation: the id of a key is the path of its PEM file, and the setting "chain"
// that of its certificate chain (PEM, leaf first). Installed, it is called notation-keyfile.
// usage: notation-keyfile COMMAND < REQUEST, by notation:
//   notation key add --plugin keyfile --id /keys/app.key --plugin-config chain=/keys/app.crt app
import { loadKeyPair } from '@nv2/notary';
import { pluginError, runPlugin, signerHandlers } from '@nv2/notary/plugin';

await runPlugin({
  metadata: {
    name: 'keyfile',
    description: 'Signs with private keys in files',
    version: '1.0.0',
    url: 'https://github.com/example/notation-keyfile',
    capabilities: ['SIGNATURE_GENERATOR.RAW'],
  },
  ...signerHandlers((keyId, config) => {
    const chain = config.get('chain');
    if (!chain) throw pluginError('VALIDATION_ERROR', 'give --plugin-config chain=PATH');
    return loadKeyPair({ keyPath: keyId, certPath: chain });
  }),
});
