#!/bin/sh
# Compares crates/mql with mingo, an independent implementation: run.sh [CASES OF EACH KIND [SEED]]
set -eu
cd "$(dirname "$0")"
if [ ! node_modules -nt package-lock.json ]; then
	npm ci --no-audit --no-fund
	touch node_modules
fi
cargo build --quiet --profile "${PROFILE:-host}" --package mql --example answers
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
directory=${PROFILE:-host}
[ "$directory" != dev ] || directory=debug
exec node compare.mjs "$target/$directory/examples/answers" "$@"
