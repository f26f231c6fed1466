#!/bin/bash
# Others' tools that check what the archiver proves: OpenSSL; a program on the Go project's own
# transparency-log library, built from source; strace, by which the system's calls are made to fail.
# Nothing keeps running.
SERVICE=verifiers
. "$(dirname "$0")/ground.sh"

if [ "$1" = stop ]; then
    forget_settings
    exit 0
fi
command -v openssl >/dev/null || packages openssl
command -v strace >/dev/null || packages strace
command -v go >/dev/null || packages golang-go ca-certificates
mkdir -p "$STATE/verifiers"
(cd "$HOME_FOLDER/tests/services/verifier" && GOFLAGS=-mod=readonly GOTOOLCHAIN=local \
    go build -o "$STATE/verifiers/verifier" .)
settings "ARCHIVER_TEST_VERIFIER=$STATE/verifiers/verifier" \
    "ARCHIVER_TEST_STRACE=$(command -v strace)"
say "built"
