#!/bin/bash
# A throwaway mail server with one mailbox, Dovecot: services/dovecot.sh start|stop
# Its certificate is vouched for by an authority of its own. It gives mail to no account that may
# log in here, so that its folder lies where the package's own user reaches it.
SERVICE=dovecot
. "$(dirname "$0")/ground.sh"

as_user dovecot
LOGS=$STATE/dovecot
WHERE=$LOGS/folder
MAIL_USER=archive@pd.example
PASSWORD=archiver-test-password # an invention, for a mailbox that lives for one test run

ready() {
    curl --silent --fail --max-time 5 --output /dev/null --cacert "$(cat "$WHERE")/authority.pem" \
        --user "$MAIL_USER:$PASSWORD" --request 'EXAMINE INBOX' "imaps://127.0.0.1:$IMAPS_PORT"
}

make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Test authority' \
        -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout authority.key -out authority.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=mail' \
        -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 30 \
        -out server.pem -extfile <(printf '%s\n' 'subjectAltName=IP:127.0.0.1' 'basicConstraints=CA:FALSE')
}

write_configuration() {
    local folder=$1 internal=dovecot login=dovenull
    [ "$(id -u)" -eq 0 ] || internal=$(id -un) login=$(id -un)
    printf '%s:{PLAIN}%s::::::\n' "$MAIL_USER" "$PASSWORD" >"$folder/users"
    cat >"$folder/dovecot.conf" <<CONF
protocols = imap
listen = 127.0.0.1
base_dir = $folder/run
state_dir = $folder/state
log_path = $folder/dovecot.log
default_internal_user = $internal
default_internal_group = $(id -gn "$internal")
default_login_user = $login
mail_location = maildir:$folder/mail
mail_uid = $internal
mail_gid = $(id -gn "$internal")
first_valid_uid = 1
ssl = required
ssl_cert = <$folder/server.pem
ssl_key = <$folder/server.key
mailbox_list_index = no
passdb {
  driver = passwd-file
  args = $folder/users
}
userdb {
  driver = static
  args = home=$folder/mail
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAPS_PORT
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
CONF
}

start() {
    if alive "$LOGS/server.pid" && ready; then
        say "already running"
        return
    fi
    stop
    unused "$IMAPS_PORT" ARCHIVER_PORT_IMAPS
    unused "$IMAP_PORT" ARCHIVER_PORT_IMAP
    packages dovecot-imapd openssl
    case $(/usr/sbin/dovecot --version) in
        2.3.*) ;;
        *)
            say "left out: its configuration is written for Dovecot 2.3"
            return
            ;;
    esac
    mkdir -p "$LOGS"
    local folder
    folder=$("${AS[@]}" mktemp -d /var/tmp/archiver-dovecot.XXXXXX)
    echo "$folder" >"$WHERE"
    {
        (cd "$folder" && make_certificates)
        "${AS[@]}" mkdir "$folder/mail"
        write_configuration "$folder"
        in_background server /usr/sbin/dovecot -F -c "$folder/dovecot.conf"
        await 30 ready
    } >>"$LOGS/start.log" 2>&1
    cp "$folder/authority.pem" "$LOGS/"
    settings "ARCHIVER_TEST_IMAP_SERVER=127.0.0.1:$IMAPS_PORT" \
        "ARCHIVER_TEST_IMAP_STARTTLS=127.0.0.1:$IMAP_PORT" "ARCHIVER_TEST_IMAP_USER=$MAIL_USER" \
        "ARCHIVER_TEST_IMAP_PASSWORD=$PASSWORD" "ARCHIVER_TEST_IMAP_CA=$LOGS/authority.pem"
    say "listens on 127.0.0.1:$IMAPS_PORT, and $IMAP_PORT"
}

stop() {
    forget_settings
    end "$LOGS/server.pid"
    if [ -s "$WHERE" ]; then
        case $(cat "$WHERE") in
            /var/tmp/archiver-dovecot.*) rm -rf "$(cat "$WHERE")" ;;
        esac
        rm -f "$WHERE"
    fi
}

"$1"
