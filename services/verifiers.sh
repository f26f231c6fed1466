#!/bin/bash
# Others' tools that check what the archiver proves: OpenSSL, and a program on the Go project's own
# transparency-log library, built from source. Nothing keeps running.
SERVICE=verifiers
. "$(dirname "$0")/ground.sh"

if [ "$1" = stop ]; then
    forget_settings
    exit 0
fi
command -v openssl >/dev/null || packages openssl
command -v go >/dev/null || packages golang-go ca-certificates
mkdir -p "$STATE/verifiers"
(cd "$HOME_FOLDER/tests/services/verifier" && GOFLAGS=-mod=readonly GOTOOLCHAIN=local \
    go build -o "$STATE/verifiers/verifier" .)
settings "ARCHIVER_TEST_VERIFIER=$STATE/verifiers/verifier"
say "built"
