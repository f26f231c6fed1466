#!/bin/bash
# A throwaway server that speaks Mastodon's API, somebody else's emulator of it, on SQLite:
# services/mastodon.sh start|stop
# The program comes from PyPI, every file of it by its hash, and stays installed until `make clean`.
SERVICE=mastodon
. "$(dirname "$0")/ground.sh"

FOLDER=$STATE/mastodon
PROGRAM=$STATE/mastodon-program
LOCK=$HOME_FOLDER/services/mastodon/requirements.lock
ADDRESS=http://127.0.0.1:$MASTODON_PORT

ready() { found "$ADDRESS/health"; }

install_program() {
    cmp -s "$LOCK" "$PROGRAM/installed" && return
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages python3-venv
    say "installing from PyPI"
    rm -rf "$PROGRAM"
    python3 -m venv "$PROGRAM"
    "$PROGRAM/bin/python" -m pip install --progress-bar off --require-hashes --only-binary :all: \
        -r "$LOCK" >>"$FOLDER/start.log" 2>&1
    cp "$LOCK" "$PROGRAM/installed"
}

write_configuration() {
    cat >"$FOLDER/server.toml" <<CONF
domain = "127.0.0.1:$MASTODON_PORT"
url_scheme = "http"
title = "Town social"
media_storage_path = "$FOLDER/media"
[database]
path = "$FOLDER/server.sqlite"
[server]
port = $MASTODON_PORT
CONF
}

start() {
    if alive "$FOLDER/server.pid" && ready; then
        say "already running"
        return
    fi
    stop
    unused "$MASTODON_PORT" ARCHIVER_PORT_MASTODON
    mkdir -p "$FOLDER"
    install_program
    write_configuration
    in_background server "$PROGRAM/bin/mastodon_mock" serve --config "$FOLDER/server.toml" \
        --host 127.0.0.1
    await 60 ready
    settings "ARCHIVER_TEST_MASTODON_URL=$ADDRESS"
    say "listens on 127.0.0.1:$MASTODON_PORT"
}

stop() {
    forget_settings
    end "$FOLDER/server.pid"
    rm -rf "$FOLDER"
}

"$1"
