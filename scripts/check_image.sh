#!/bin/sh
# Build the image and try it as a reader would; where there is no Docker, say so and leave.
set -eu
cd "$(dirname "$0")/.."
if ! command -v docker >/dev/null 2>&1; then
  echo "image: skipped, docker is not installed here"
  exit 0
fi
if ! docker info >/dev/null 2>&1; then
  echo "image: skipped, no docker daemon answers here"
  exit 0
fi
docker build --tag matscout:check .
docker run --rm matscout:check --version
test "$(docker run --rm --entrypoint id matscout:check -u)" = 1000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'formula,gap (eV)\nGaAs,1.42\nInP,1.34\nCdTe,1.5\n' >"$folder/gaps.csv"
chmod -R a+rX "$folder"
docker run --rm --volume "$folder:/work:ro" matscout:check check gaps.csv --json | grep -q '"exit_code": 0'
echo "image: built, and it reads a table"
