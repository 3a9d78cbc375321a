/**
 * The whole reference that container runtimes take a short name of an image for: `nginx` is
 * `docker.io/library/nginx:latest`. What has a registry, and a tag or digest, stays as it is.
 * @see https://github.com/distribution/reference/blob/v0.6.0/normalize.go
 */
export function expandImageName(text: string): string {
  if (text === '') return text;
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = !isHost || first === 'index.docker.io' ? 'docker.io' : first;
  const rest = isHost ? text.slice(slash + 1) : text;
  const path = host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const isVersioned = path.includes('@') || path.slice(path.lastIndexOf('/') + 1).includes(':');
  return `${host}/${path}${isVersioned ? '' : ':latest'}`;
}
