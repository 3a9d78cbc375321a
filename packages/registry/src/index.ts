export type { Authenticate } from './authenticate.ts';
export type { DurableStep, StepHook } from './disk/steps.ts';
export { type DiskStorage, type DiskStorageOptions, diskStorage } from './disk/storage.ts';
export {
  REGISTRY_ERRORS,
  RegistryError,
  type RegistryErrorCode,
  type RegistryErrorEntry,
} from './errors.ts';
export {
  collectGarbage,
  DEFAULT_MIN_AGE_MS,
  type GarbageOptions,
  type GarbageReport,
} from './garbage.ts';
export { parseHtpasswd, passwordAuthentication, readHtpasswd } from './htpasswd.ts';
export { createRegistry, type RegistryOptions } from './registry.ts';
export { RepositoryLocks } from './repository-locks.ts';
export { DEFAULT_REGISTRY_LIMITS, type RegistryLimits } from './service.ts';
export { type RunningRegistry, type StartRegistryOptions, startRegistry } from './start.ts';
export type {
  AppendLimits,
  ByteRange,
  RegistryStorage,
  StoredObject,
  Upload,
} from './storage.ts';
export { UploadSessions } from './upload-sessions.ts';
