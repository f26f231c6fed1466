#!/bin/bash
# A throwaway MediaWiki on SQLite, which serves real Atom and RSS: services/mediawiki.sh start|stop
SERVICE=mediawiki
. "$(dirname "$0")/ground.sh"

FOLDER=$STATE/mediawiki
CODE=/usr/share/mediawiki
ADDRESS=http://127.0.0.1:$MEDIAWIKI_PORT
USER_NAME=Archivist
PASSWORD=archiver-test-password # an invention, for a wiki that lives for one test run

ready() { found "$ADDRESS/api.php?action=query&meta=siteinfo&format=json"; }

make_wiki() {
    php "$CODE/maintenance/install.php" --dbtype sqlite --dbpath "$FOLDER" --dbname wiki \
        --server "$ADDRESS" --scriptpath "" --installdbuser "" --confpath "$FOLDER" \
        --pass "$PASSWORD" "Police Department" "$USER_NAME"
    cat "$HOME_FOLDER/services/mediawiki/settings.inc" >>"$FOLDER/LocalSettings.php"
}

start() {
    if alive "$FOLDER/web.pid" && ready; then
        say "already running"
        return
    fi
    stop
    unused "$MEDIAWIKI_PORT" ARCHIVER_PORT_MEDIAWIKI
    packages mediawiki php-cli php-sqlite3 php-xml php-mbstring php-intl
    mkdir -p "$FOLDER"
    {
        make_wiki
        cd "$CODE"
        MW_CONFIG_FILE=$FOLDER/LocalSettings.php PHP_CLI_SERVER_WORKERS=4 \
            in_background web php -S "127.0.0.1:$MEDIAWIKI_PORT" -t "$CODE"
        await 60 ready
    } >>"$FOLDER/start.log" 2>&1
    settings "ARCHIVER_TEST_MEDIAWIKI_URL=$ADDRESS" "ARCHIVER_TEST_MEDIAWIKI_USER=$USER_NAME" \
        "ARCHIVER_TEST_MEDIAWIKI_PASSWORD=$PASSWORD"
    say "listens on 127.0.0.1:$MEDIAWIKI_PORT"
}

stop() {
    forget_settings
    end "$FOLDER/web.pid"
    rm -rf "$FOLDER"
}

"$1"
