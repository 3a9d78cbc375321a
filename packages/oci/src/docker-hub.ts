/** The names by which Docker Hub is reached, the one that references have first. */
export const DOCKER_HUB_HOSTS: readonly string[] = [
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
];
