# Sourced by the scripts beside it: where state lies, on which ports things listen, and the few
# verbs all of them use. Everything listens on loopback only; everything here is throwaway.
# shellcheck shell=bash
set -Eeuo pipefail
exec 3>&2 # where faults are said, even while a script's own output goes to its log
trap 'printf "%s: line %s failed; logs are in %s\n" "$SERVICE" "$LINENO" "$STATE/$SERVICE" >&3' ERR

HOME_FOLDER=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$HOME_FOLDER/.services
mkdir -p "$STATE/settings"

POSTGRESQL_PORT=${ARCHIVER_PORT_POSTGRESQL:-15432}
POSTGRESQL_BESIDE_PORT=$((POSTGRESQL_PORT + 1))
POSTGRESQL_BLUESKY_PORT=$((POSTGRESQL_PORT + 2))
CEPH_PORT=${ARCHIVER_PORT_S3:-17480}
CEPH_MONITOR_PORT=${ARCHIVER_PORT_CEPH_MONITOR:-13300}
MARIADB_PORT=${ARCHIVER_PORT_MARIADB:-13306}
WORDPRESS_PORT=${ARCHIVER_PORT_WORDPRESS:-18082}
MEDIAWIKI_PORT=${ARCHIVER_PORT_MEDIAWIKI:-18081}
APPVIEW_PORT=${ARCHIVER_PORT_BLUESKY:-18090}
PDS_PORT=$((APPVIEW_PORT + 1))
DIRECTORY_PORT=$((APPVIEW_PORT + 2))
MODERATION_PORT=$((APPVIEW_PORT + 3))
REDIS_PORT=$((APPVIEW_PORT + 4))
MASTODON_PORT=${ARCHIVER_PORT_MASTODON:-18083}
IMAPS_PORT=${ARCHIVER_PORT_IMAPS:-18993}
IMAP_PORT=${ARCHIVER_PORT_IMAP:-18143}

say() { printf '%s: %s\n' "$SERVICE" "$*"; }

fail() {
    printf '%s: %s\n' "$SERVICE" "$*" >&3
    exit 1
}

# packages NAME... : installs those Debian packages that are not there yet, asking nothing.
packages() {
    local name absent=()
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || absent+=("$name")
    done
    [ ${#absent[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || fail "needs the Debian packages ${absent[*]}"
    say "installing ${absent[*]}"
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -q >"$STATE/packages.log" 2>&1 ||
        fail "apt-get update failed; see $STATE/packages.log"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${absent[@]}" >>"$STATE/packages.log" 2>&1 ||
        fail "apt-get install failed; see $STATE/packages.log"
}

# await SECONDS COMMAND... : tries until it succeeds; says which log to read when it never does.
await() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || fail "did not answer in time: $*; logs are in $STATE/$SERVICE"
        sleep 0.3
    done
}

# unused PORT SETTING : nobody listens there yet, or it says which setting moves us elsewhere.
unused() {
    if (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        fail "port $1 is taken by something else; $2 names another"
    fi
}

# found URL : it says 200.
found() { curl --fail --silent --max-time 20 --output /dev/null "$1"; }

# as_user USER : fills AS, to be put before a command that must not, or cannot, run as root.
as_user() {
    AS=()
    [ "$(id -u)" -ne 0 ] || AS=(setpriv --reuid="$1" --regid="$1" --init-groups)
}

# in_background NAME COMMAND... : starts it apart from this terminal, and remembers its id.
in_background() {
    local name=$1
    shift
    setsid "$@" >"$STATE/$SERVICE/$name.log" 2>&1 </dev/null 3>&- &
    echo $! >"$STATE/$SERVICE/$name.pid"
}

# alive PIDFILE : something of what was started under that id still runs (a zombie does not).
alive() {
    [ -s "$1" ] && ps -e -o pgid=,stat= |
        awk -v group="$(head -n 1 "$1")" '$1 == group && $2 !~ /^Z/ { n++ } END { exit !n }'
}

# end PIDFILE... : asks each, with all it started, to end; waits; insists after twenty seconds.
end() {
    local file try
    for file in "$@"; do
        for try in $(seq 80); do
            alive "$file" || break
            case $try in
                1) kill -TERM -- "-$(cat "$file")" || true ;;
                70) kill -KILL -- "-$(cat "$file")" || true ;;
            esac
            sleep 0.25
        done
        rm -f "$file"
    done
}

# settings LINE... : what the tests need to know, gathered in .services/env.
settings() { printf '%s\n' "$@" >"$STATE/settings/$SERVICE"; }

forget_settings() { rm -f "$STATE/settings/$SERVICE"; }
