#!/bin/bash
# Throwaway PostgreSQL servers: services/postgresql.sh start|stop
# Three: one for each of the two workers of the tests, one for Bluesky's network. What is struck is
# gone from a server only once nobody writes in any of its databases, so tests cannot share one.
# It refuses to run as root; there it runs as the package's own user, from a folder that user can reach.
SERVICE=postgresql
. "$(dirname "$0")/ground.sh"

as_user postgres
LOGS=$STATE/postgresql
WHERE=$LOGS/folder
PORTS=("$POSTGRESQL_PORT" "$POSTGRESQL_BESIDE_PORT" "$POSTGRESQL_BLUESKY_PORT")

program() {
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf '%f\n' | sort -n | tail -n 1)
    echo "/usr/lib/postgresql/$newest/bin/$1"
}

url() { echo "postgresql+psycopg://archiver@127.0.0.1:$1/archiver"; }

ready() { "${AS[@]}" "$(program pg_isready)" -q -h 127.0.0.1 -p "$1"; }

all_run() {
    local port
    for port in "${PORTS[@]}"; do
        { alive "$LOGS/$port.pid" && ready "$port"; } || return 1
    done
}

start() {
    if all_run; then
        say "already running"
        return
    fi
    stop
    local folder port
    for port in "${PORTS[@]}"; do
        unused "$port" ARCHIVER_PORT_POSTGRESQL
    done
    packages postgresql
    mkdir -p "$LOGS"
    folder=$("${AS[@]}" mktemp -d /var/tmp/archiver-postgresql.XXXXXX)
    echo "$folder" >"$WHERE"
    cd "$folder"
    "${AS[@]}" "$(program initdb)" --auth=trust --username=archiver --encoding=UTF8 --locale=C.UTF-8 \
        --no-sync --pgdata="$folder/new" >"$LOGS/initdb.log"
    for port in "${PORTS[@]}"; do
        "${AS[@]}" cp -a "$folder/new" "$folder/$port"
        # fsync is off: what a power loss leaves is not what these tests ask.
        in_background "$port" "${AS[@]}" "$(program postgres)" -D "$folder/$port" -p "$port" \
            -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off
        await 60 ready "$port"
        "${AS[@]}" "$(program createdb)" -h 127.0.0.1 -p "$port" -U archiver archiver
    done
    settings "ARCHIVER_TEST_POSTGRESQL_URL=$(url "$POSTGRESQL_PORT")" \
        "ARCHIVER_TEST_POSTGRESQL_URL_gw1=$(url "$POSTGRESQL_BESIDE_PORT")"
    say "listens on 127.0.0.1:$POSTGRESQL_PORT, $POSTGRESQL_BESIDE_PORT and $POSTGRESQL_BLUESKY_PORT"
}

stop() {
    forget_settings
    end "$LOGS"/*.pid
    if [ -s "$WHERE" ]; then
        case $(cat "$WHERE") in
            /var/tmp/archiver-postgresql.*) rm -rf "$(cat "$WHERE")" ;;
        esac
        rm -f "$WHERE"
    fi
}

"$1"
