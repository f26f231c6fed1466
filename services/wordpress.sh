#!/bin/bash
# A throwaway WordPress on MariaDB: services/wordpress.sh start|stop
# The site is a copy of the package's files, so that nothing under /etc is touched.
SERVICE=wordpress
. "$(dirname "$0")/ground.sh"

FOLDER=$STATE/wordpress
SCRIPTS=$HOME_FOLDER/services/wordpress
export MARIADB_PORT
export WORDPRESS_URL=http://127.0.0.1:$WORDPRESS_PORT
export WORDPRESS_SITE=$FOLDER/site
export PHP_CLI_SERVER_WORKERS=4

AS_OURSELVES=()
[ "$(id -u)" -ne 0 ] || AS_OURSELVES=(--user=root)

database_ready() {
    mariadb --no-defaults --host=127.0.0.1 --port="$MARIADB_PORT" \
        --user=wordpress --password=wordpress --execute='select 1' wordpress
}

start_database() {
    mariadb-install-db --no-defaults "${AS_OURSELVES[@]}" --datadir="$FOLDER/database" \
        --auth-root-authentication-method=normal --skip-test-db
    cat >"$FOLDER/site.sql" <<SQL
CREATE DATABASE wordpress CHARACTER SET utf8mb4;
CREATE USER wordpress@'127.0.0.1' IDENTIFIED BY 'wordpress';
GRANT ALL ON wordpress.* TO wordpress@'127.0.0.1';
SQL
    # The socket's name is relative to the data folder: a full one may be too long for a socket.
    in_background database mariadbd --no-defaults "${AS_OURSELVES[@]}" --datadir="$FOLDER/database" \
        --bind-address=127.0.0.1 --port="$MARIADB_PORT" --socket=mariadb.sock --skip-name-resolve \
        --init-file="$FOLDER/site.sql" --innodb-flush-log-at-trx-commit=0
    await 60 database_ready
}

make_site() {
    cp -rL /usr/share/wordpress "$WORDPRESS_SITE"
    cp "$SCRIPTS/wp-config.php" "$WORDPRESS_SITE/"
    mkdir -p "$WORDPRESS_SITE"/wp-content/{uploads,mu-plugins}
    cp "$SCRIPTS/emptied.php" "$WORDPRESS_SITE/wp-content/mu-plugins/"
    php "$SCRIPTS/install.php" >"$FOLDER/password"
}

start() {
    if alive "$FOLDER/web.pid" && found "$WORDPRESS_URL/wp-json/"; then
        say "already running"
        return
    fi
    stop
    unused "$WORDPRESS_PORT" ARCHIVER_PORT_WORDPRESS
    unused "$MARIADB_PORT" ARCHIVER_PORT_MARIADB
    packages mariadb-server wordpress php-cli php-mysql php-xml php-mbstring php-gd php-curl
    mkdir -p "$FOLDER"
    {
        start_database
        make_site
        in_background web php -d upload_max_filesize=64M -d post_max_size=64M \
            -S "127.0.0.1:$WORDPRESS_PORT" -t "$WORDPRESS_SITE" "$SCRIPTS/router.php"
        await 60 found "$WORDPRESS_URL/wp-json/"
    } >>"$FOLDER/start.log" 2>&1
    settings "ARCHIVER_TEST_WORDPRESS_URL=$WORDPRESS_URL" "ARCHIVER_TEST_WORDPRESS_USER=archivist" \
        "ARCHIVER_TEST_WORDPRESS_PASSWORD=$(cat "$FOLDER/password")"
    say "listens on 127.0.0.1:$WORDPRESS_PORT"
}

stop() {
    forget_settings
    end "$FOLDER"/{web,database}.pid
    rm -rf "$FOLDER"
}

"$1"
