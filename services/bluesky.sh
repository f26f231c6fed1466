#!/bin/bash
# A throwaway network of the AT Protocol: directory, accounts' server, Bluesky's own AppView, on
# PostgreSQL and Redis: services/bluesky.sh start|stop
# The program comes from npm by name and stays installed until `make clean`.
SERVICE=bluesky
. "$(dirname "$0")/ground.sh"

FOLDER=$STATE/bluesky
PROGRAM=$STATE/bluesky-program
SCRIPTS=$HOME_FOLDER/services/bluesky
APPVIEW=http://localhost:$APPVIEW_PORT
PDS=http://localhost:$PDS_PORT
DIRECTORY=http://localhost:$DIRECTORY_PORT
export APPVIEW_PORT PDS_PORT DIRECTORY_PORT MODERATION_PORT
export DB_POSTGRES_URL=postgres://archiver@127.0.0.1:$POSTGRESQL_BLUESKY_PORT/bluesky
export REDIS_HOST=127.0.0.1:$REDIS_PORT

ready() { found "$APPVIEW/xrpc/_health" && found "$PDS/xrpc/_health" && found "$DIRECTORY/_health"; }

install_program() {
    command -v npm >/dev/null || packages nodejs npm
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || fail "needs Node 18 or later"
    cmp -s "$SCRIPTS/package.json" "$PROGRAM/installed" && return
    command -v g++ >/dev/null && command -v make >/dev/null || packages g++ make
    local home
    home=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
    [ -e "$home/include/node/node.h" ] || packages libnode-dev
    say "installing from npm; this takes some minutes"
    rm -rf "$PROGRAM"
    mkdir -p "$PROGRAM"
    cp "$SCRIPTS/package.json" "$PROGRAM/"
    (
        cd "$PROGRAM"
        npm install --no-audit --no-fund --ignore-scripts
        npm_config_nodedir=$home npm rebuild better-sqlite3
    ) >>"$FOLDER/start.log" 2>&1
    cp "$SCRIPTS/package.json" "$PROGRAM/installed"
}

start() {
    if alive "$FOLDER/network.pid" && ready; then
        say "already running"
        return
    fi
    stop
    for port in "$APPVIEW_PORT" "$PDS_PORT" "$DIRECTORY_PORT" "$MODERATION_PORT" "$REDIS_PORT"; do
        unused "$port" ARCHIVER_PORT_BLUESKY
    done
    "$HOME_FOLDER/services/postgresql.sh" start
    packages redis-server
    mkdir -p "$FOLDER/temporary"
    install_program
    cp "$SCRIPTS/network.mjs" "$PROGRAM/"
    psql -q -h 127.0.0.1 -p "$POSTGRESQL_BLUESKY_PORT" -U archiver archiver \
        -c 'DROP DATABASE IF EXISTS bluesky' -c 'CREATE DATABASE bluesky' >>"$FOLDER/start.log" 2>&1
    in_background redis redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir "$FOLDER"
    TMPDIR=$FOLDER/temporary in_background network node "$PROGRAM/network.mjs"
    await 180 ready
    settings "ARCHIVER_TEST_BLUESKY_APPVIEW=$APPVIEW" "ARCHIVER_TEST_BLUESKY_PDS=$PDS" \
        "ARCHIVER_TEST_BLUESKY_DIRECTORY=$DIRECTORY"
    say "listens on localhost:$APPVIEW_PORT, $PDS_PORT and $DIRECTORY_PORT"
}

stop() {
    forget_settings
    end "$FOLDER"/{network,redis}.pid
    rm -rf "$FOLDER"
}

"$1"
