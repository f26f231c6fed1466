#!/bin/bash
# A throwaway PostgreSQL: services/postgresql.sh start|stop
# It refuses to run as root; there it runs as the package's own user, from a folder that user can reach.
SERVICE=postgresql
. "$(dirname "$0")/ground.sh"

as_user postgres
LOGS=$STATE/postgresql
WHERE=$LOGS/folder
URL=postgresql+psycopg://archiver@127.0.0.1:$POSTGRESQL_PORT/archiver

program() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf '%f\n' | sort -n | tail -n 1)
    echo "/usr/lib/postgresql/$newest/bin/$1"
}

ready() { "${AS[@]}" "$(program pg_isready)" -q -h 127.0.0.1 -p "$POSTGRESQL_PORT"; }

start() {
    if alive "$LOGS/server.pid" && ready; then
        say "already running"
        return
    fi
    stop
    unused "$POSTGRESQL_PORT" ARCHIVER_PORT_POSTGRESQL
    packages postgresql
    mkdir -p "$LOGS"
    local folder
    folder=$("${AS[@]}" mktemp -d /var/tmp/archiver-postgresql.XXXXXX)
    echo "$folder" >"$WHERE"
    cd "$folder"
    "${AS[@]}" "$(program initdb)" --auth=trust --username=archiver --encoding=UTF8 --locale=C.UTF-8 \
        --no-sync --pgdata="$folder/data" >"$LOGS/initdb.log"
    # fsync is off: what a power loss leaves is not what these tests ask.
    in_background server "${AS[@]}" "$(program postgres)" -D "$folder/data" -p "$POSTGRESQL_PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off
    await 60 ready
    "${AS[@]}" "$(program createdb)" -h 127.0.0.1 -p "$POSTGRESQL_PORT" -U archiver archiver
    settings "ARCHIVER_TEST_POSTGRESQL_URL=$URL"
    say "listens on 127.0.0.1:$POSTGRESQL_PORT"
}

stop() {
    forget_settings
    end "$LOGS/server.pid"
    if [ -s "$WHERE" ]; then
        case $(cat "$WHERE") in
            /var/tmp/archiver-postgresql.*) rm -rf "$(cat "$WHERE")" ;;
        esac
        rm -f "$WHERE"
    fi
}

"$1"
