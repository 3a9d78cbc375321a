export {
  type MakeChainOptions,
  makeChain,
  type TemplateChanges,
  type TestChain,
} from './certificates.ts';
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
  parseScript,
  type RunScriptOptions,
  runScriptCase,
  type ScriptCase,
  type ScriptCommand,
  type ScriptInvocation,
  type ScriptOutcome,
} from './script-runner.ts';
export { withTempDir } from './temp-dir.ts';
export { skipWithoutVectors, vectorsDir } from './vectors.ts';
