#!/bin/bash
# A throwaway Ceph of one node with its S3 gateway, a real object store with versions and Object
# Lock: services/ceph.sh start|stop
SERVICE=ceph
. "$(dirname "$0")/ground.sh"

FOLDER=$STATE/ceph
export CEPH_CONF=$FOLDER/ceph.conf
ADDRESS=http://127.0.0.1:$CEPH_PORT
ACCESS_KEY=ARCHIVERTEST
SECRET_KEY=archiver-test-secret # an invention, for a store that lives for one test run

# A gateway that is up answers an anonymous listing with an empty list.
ready() { curl --fail --silent --max-time 20 "$ADDRESS/" | grep -q ListAllMyBucketsResult; }

# ceph waits for ever where there is no monitor; this does not.
asked() { timeout 20 ceph --connect-timeout 10 "$@"; }

osd_is_up() { asked osd stat | grep -q '1 up'; }

write_configuration() {
    cat >"$CEPH_CONF" <<CONF
[global]
fsid = $(uuidgen)
mon_host = [v2:127.0.0.1:$CEPH_MONITOR_PORT/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = $FOLDER/keyring
run_dir = $FOLDER
admin_socket =
log_file = $FOLDER/\$name.log
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_warn_on_pool_no_redundancy = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
[mon]
mon_data = $FOLDER/\$name
mon_data_avail_warn = 1
mon_data_avail_crit = 1
[mgr]
mgr_data = $FOLDER/\$name
mgr_initial_modules =
[osd]
osd_data = $FOLDER/\$name
[client.rgw.a]
rgw_frontends = beast endpoint=127.0.0.1:$CEPH_PORT tcp_nodelay=1
rgw_thread_pool_size = 64
CONF
}

start_monitor() {
    local map=$FOLDER/monitors
    ceph-authtool --create-keyring "$FOLDER/keyring" --gen-key -n mon. --cap mon 'allow *'
    ceph-authtool "$FOLDER/keyring" --gen-key -n client.admin \
        --cap mon 'allow *' --cap osd 'allow *' --cap mds 'allow *' --cap mgr 'allow *'
    monmaptool --create --fsid "$(awk '/^fsid/ {print $3}' "$CEPH_CONF")" \
        --addv a "[v2:127.0.0.1:$CEPH_MONITOR_PORT]" "$map"
    ceph-mon --mkfs -i a --monmap "$map" --keyring "$FOLDER/keyring"
    in_background monitor ceph-mon -f -i a
    await 60 asked -s
}

start_the_rest() {
    local osd
    osd=$(uuidgen)
    asked auth get-or-create mgr.x mon 'allow profile mgr' osd 'allow *' mds 'allow *' \
        >>"$FOLDER/keyring"
    in_background manager ceph-mgr -f -i x
    asked osd new "$osd"
    asked auth get-or-create osd.0 mon 'allow profile osd' mgr 'allow profile osd' osd 'allow *' \
        >>"$FOLDER/keyring"
    ceph-osd -i 0 --mkfs --osd-uuid "$osd"
    in_background osd ceph-osd -f -i 0
    await 120 osd_is_up
}

start_gateway() {
    # The first command makes the gateway's pools, which takes its time on a slow machine.
    timeout 180 radosgw-admin user create --uid=archiver --display-name=archiver \
        --access-key="$ACCESS_KEY" --secret-key="$SECRET_KEY"
    asked auth get-or-create client.rgw.a mon 'allow rw' osd 'allow rwx' mgr 'allow rw' \
        >>"$FOLDER/keyring"
    in_background gateway radosgw -f -n client.rgw.a -k "$FOLDER/keyring"
    await 120 ready
}

# The gateway goes on answering from memory when what lies behind it is gone.
all_alive() {
    local name
    for name in monitor manager osd gateway; do
        alive "$FOLDER/$name.pid" || return 1
    done
}

start() {
    if all_alive && ready; then
        say "already running"
        return
    fi
    stop
    unused "$CEPH_PORT" ARCHIVER_PORT_S3
    unused "$CEPH_MONITOR_PORT" ARCHIVER_PORT_CEPH_MONITOR
    packages ceph-mon ceph-mgr ceph-osd radosgw ceph-common uuid-runtime
    mkdir -p "$FOLDER"/{mon.a,mgr.x,osd.0}
    write_configuration
    {
        start_monitor
        start_the_rest
        start_gateway
    } >>"$FOLDER/start.log" 2>&1
    settings "ARCHIVER_TEST_S3_ENDPOINT=$ADDRESS" "ARCHIVER_TEST_S3_REGION=us-east-1" \
        "ARCHIVER_TEST_S3_ACCESS_KEY=$ACCESS_KEY" "ARCHIVER_TEST_S3_SECRET_KEY=$SECRET_KEY"
    say "its S3 gateway listens on 127.0.0.1:$CEPH_PORT"
}

stop() {
    forget_settings
    end "$FOLDER"/{gateway,osd,manager,monitor}.pid
    rm -rf "$FOLDER"
}

"$1"
