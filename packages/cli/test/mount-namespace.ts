import { spawnSync } from 'node:child_process';

/** What a program is run by that may mount a file system which nobody else sees. */
export const IN_MOUNT_NAMESPACE: readonly [string, ...string[]] = [
  'unshare',
  '--user',
  '--map-root-user',
  '--mount',
];

/** Why there are no mount namespaces on this machine; undefined where there are. */
export function mountObstacle(): string | undefined {
  const [program, ...args] = IN_MOUNT_NAMESPACE;
  const probe = spawnSync(program, [...args, 'sh', '-c', 'mount -t tmpfs none /mnt']);
  return probe.status === 0 ? undefined : 'this machine lets no mount namespace be made';
}
