export {
  type MakeChainOptions,
  makeChain,
  type TemplateChanges,
  type TestAuthority,
  type TestChain,
} from './certificates.ts';
export {
  type CrlEntryTemplate,
  type CrlTemplate,
  crlDistributionPoints,
  makeCrl,
} from './crl-maker.ts';
export { type RawExtension, rawExtension } from './crl-message.ts';
export { type FakeClock, type FakeClockOptions, fakeClock } from './fake-clock.ts';
export {
  type FakeHandler,
  type FakeRequest,
  type FakeResponse,
  type FakeServer,
  fakeTransport,
  serveFake,
} from './fake-http.ts';
export {
  type HostileRegistry,
  type HostileRegistryOptions,
  hostileRegistry,
  indexResponse,
  registryFailure,
  type StoredManifest,
} from './hostile-registry.ts';
export { type MemoryTarget, memoryTarget } from './memory-target.ts';
export {
  makeOcspError,
  makeOcspResponse,
  type OcspAnswer,
  type OcspTemplate,
  ocspAccess,
  readOcspRequest,
} from './ocsp-maker.ts';
export { asOrdinaryUser } from './ordinary-user.ts';
export {
  parseScript,
  type RunScriptOptions,
  runScriptCase,
  type ScriptCase,
  type ScriptCommand,
  type ScriptInvocation,
  type ScriptOutcome,
} from './script-runner.ts';
export { makeTarGz, type TarPart } from './tar-maker.ts';
export { withTempDir } from './temp-dir.ts';
export { serveTls, type TlsServer } from './tls-server.ts';
export { type BerForms, toBer } from './tsa-ber.ts';
export {
  type MakeTsaOptions,
  makeTsa,
  type TestTsa,
  type TsaChanges,
  timestampingUsage,
} from './tsa-maker.ts';
export type { TsaHash, TsaMessageTemplate, TstInfoTemplate } from './tsa-message.ts';
export { skipWithoutVectors, vectorsDir } from './vectors.ts';
export { makeZip, type ZipLies, type ZipPart } from './zip-maker.ts';
