# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# `devstack/up --distributed`: RabbitMQ, MariaDB, and every daemon a process of its own.
# Sourced after lib.sh and cloud.sh.
#
# The broker and the database have their own data and their own ports on loopback, whatever else
# of the kind runs on the machine.  Each daemon has its own configuration file, readable by this
# user alone; the database's password is in the conductor's and nowhere else.

ETC=$NOVA_LITE_HOME/etc
STATE=$NOVA_LITE_HOME/state
BROKER=$NOVA_LITE_HOME/rabbitmq
DATABASE=$NOVA_LITE_HOME/mariadb
BROKER_PORT=${NOVA_LITE_BROKER_PORT:-15674}
BROKER_NODES_PORT=${NOVA_LITE_BROKER_NODES_PORT:-25674}
BROKER_NAMES_PORT=${NOVA_LITE_BROKER_NAMES_PORT:-14370}
DATABASE_PORT=${NOVA_LITE_DATABASE_PORT:-13316}
IMAGES=local # or glance
COMPUTES=(compute1 compute2)
METADATA_PORT=${NOVA_LITE_METADATA_PORT:-8775}
NOVNC_PORT=${NOVA_LITE_NOVNC_PORT:-6080}
SERIAL_PORT=${NOVA_LITE_SERIAL_PORT:-6083}
DAEMONS=(conductor scheduler api metadata novncproxy serialproxy "${COMPUTES[@]}")

# secret NAME: a password made once, in a file of its own
secret() {
    local file=$ETC/secrets/$1
    if [ ! -s "$file" ]; then
        private mkdir -p "$ETC/secrets"
        od -An -tx1 -N16 /dev/urandom | tr -d ' \n' | private tee "$file"
    else
        cat "$file"
    fi
}

# private COMMAND...: files that it makes are this user's alone
private() {
    (umask 077 && "$@")
}

port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# need_port PORT NAME: dies if another program has the port that our process NAME is to have
need_port() {
    running "$2" || ! port_answers "$1" ||
        die "port $1 is taken by another program; $2 wants it (see the settings in devstack/README.md)"
}

# ---- MariaDB ---------------------------------------------------------------------------------

# sql: runs the statements of the standard input as the database's root
sql() {
    mariadb --no-defaults -uroot "-S$DATABASE/sock" 9>&-
}

database_answers() {
    echo 'SELECT 1' | sql
}

start_mariadb() {
    local -a as=()
    need_port "$DATABASE_PORT" mariadb
    if is_root; then
        as=(--user=mysql)
        open_path_to mysql
    fi
    if [ ! -d "$DATABASE/data/mysql" ]; then
        mkdir -p "$DATABASE/data"
        chmod 700 "$DATABASE/data"
        ! is_root || chown mysql "$DATABASE" "$DATABASE/data"
        env -u TMPDIR mariadb-install-db --no-defaults "--datadir=$DATABASE/data" "${as[@]}" --skip-test-db \
            --auth-root-authentication-method=normal >"$LOG/mariadb-install.log" 2>&1 9>&- ||
            die "mariadb-install-db failed: $LOG/mariadb-install.log"
    fi
    # Written to the operating system at each commit, and to the disk once a second.
    start mariadb env -u TMPDIR mariadbd --no-defaults "${as[@]}" "--datadir=$DATABASE/data" \
        "--socket=$DATABASE/sock" "--port=$DATABASE_PORT" --bind-address=127.0.0.1 \
        "--pid-file=$DATABASE/pid" --skip-log-bin --skip-name-resolve --max-connections=500 \
        --innodb-flush-log-at-trx-commit=2
    wait_until 60 "MariaDB (log: $LOG/mariadb.log)" database_answers
    make_databases
}

make_databases() {
    local name
    for name in nova_api nova nova_cell0; do
        echo "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb4;"
        echo "GRANT ALL ON $name.* TO 'nova'@'127.0.0.1' IDENTIFIED BY '$(secret database)';"
    done | sql
}

database_url() {
    echo "mysql+pymysql://nova:$(secret database)@127.0.0.1:$DATABASE_PORT/$1?charset=utf8mb4"
}

# ---- RabbitMQ --------------------------------------------------------------------------------

# What RabbitMQ's programs have to be told to be ours; also written as bin/rabbitmqctl.
broker_environment() {
    cat <<LINES
HOME=$BROKER
ERL_EPMD_PORT=$BROKER_NAMES_PORT
ERL_EPMD_ADDRESS=127.0.0.1
RABBITMQ_NODENAME=nova-lite@localhost
RABBITMQ_DIST_PORT=$BROKER_NODES_PORT
RABBITMQ_CONFIG_FILE=$BROKER/rabbitmq.conf
RABBITMQ_ENABLED_PLUGINS_FILE=$BROKER/plugins
RABBITMQ_MNESIA_BASE=$BROKER/data
RABBITMQ_LOG_BASE=$BROKER/log
LINES
}

broker_program() {
    local -a variables
    mapfile -t variables < <(broker_environment)
    env "${variables[@]}" "/usr/lib/rabbitmq/bin/$1" "${@:2}" 9>&-
}

write_broker_files() {
    mkdir -p "$BROKER" "$NOVA_LITE_HOME/bin"
    cat >"$BROKER/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$BROKER_PORT
default_user = nova
default_pass = $(secret broker)
log.console = true
log.console.level = warning
log.file = false
CONF
    echo '[].' >"$BROKER/plugins"
    {
        echo '#!/bin/sh'
        echo "exec env \\"
        broker_environment | sed "s/.*/  '&' \\\\/"
        # shellcheck disable=SC2016 # for the script that is written
        echo '  /usr/lib/rabbitmq/bin/rabbitmqctl "$@"'
    } >"$NOVA_LITE_HOME/bin/rabbitmqctl"
    chmod 755 "$NOVA_LITE_HOME/bin/rabbitmqctl"
}

start_rabbitmq() {
    local -a variables
    need_port "$BROKER_PORT" rabbitmq
    need_port "$BROKER_NODES_PORT" rabbitmq
    need_port "$BROKER_NAMES_PORT" epmd
    private write_broker_files
    mapfile -t variables < <(broker_environment)
    start epmd epmd -port "$BROKER_NAMES_PORT" -address 127.0.0.1
    wait_until 30 "epmd (log: $LOG/epmd.log)" port_answers "$BROKER_NAMES_PORT"
    start rabbitmq env "${variables[@]}" \
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +sbwt none' \
        /usr/lib/rabbitmq/bin/rabbitmq-server
    wait_until 120 "RabbitMQ (log: $LOG/rabbitmq.log)" port_answers "$BROKER_PORT"
}

# ---- configuration ---------------------------------------------------------------------------

# write_config NAME: the standard input becomes etc/NAME.conf, after what all daemons have
write_config() {
    {
        cat <<CONF
# Written by devstack/up --distributed; a change is kept until the next \`up\`.
[DEFAULT]
transport_url = rabbit://nova:$(secret broker)@127.0.0.1:$BROKER_PORT/
host = $1
my_ip = 127.0.0.1
state_path = $STATE/$1
CONF
        cat
    } >"$ETC/$1.conf"
}

backend_sections() {
    if [ "$IMAGES" = glance ]; then
        printf '\n[image]\nbackend = glance\n'
        keystone_section glance
    else
        printf '\n[image]\nbackend = local\nlocal_path = %s\n' "$STATE/images"
    fi
    printf '\n[network]\nbackend = %s\n' "$(network_backend)"
    if [ "$(network_backend)" = local ]; then
        printf '%s\n' "wait_for_host = false" "project_networks = true"
    fi
}

# Guests that are faked can have the built-in network, although no daemon makes it; the two hosts
# of real ones are one machine, so they have the hypervisor's own NAT.
network_backend() {
    case $DRIVER in
    fake) echo local ;;
    *) echo user ;;
    esac
}

write_configs() {
    local name
    { api_options && backend_sections; } | write_config api
    write_config scheduler <<CONF

[scheduler]
workers = 1
CONF
    write_config metadata <<CONF
metadata_listen = 127.0.0.1
metadata_listen_port = $METADATA_PORT
metadata_workers = 1

[neutron]
metadata_proxy_shared_secret = $(secret metadata)
CONF
    console_options | write_config novncproxy
    console_options | write_config serialproxy
    {
        cat <<CONF

[conductor]
workers = 1

[api_database]
connection = $(database_url nova_api)

[database]
connection = $(database_url nova)
CONF
        backend_sections
    } | write_config conductor
    for name in "${COMPUTES[@]}"; do
        { compute_options "$name" && backend_sections && console_options "$name"; } |
            write_config "$name"
    done
}

api_options() {
    cat <<CONF
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = $PORT
osapi_compute_workers = 2

[wsgi]
api_paste_config = $REPOSITORY/etc/nova-lite/api-paste.ini

[api]
CONF
    if [ -n "$KEYSTONE" ]; then
        echo "auth_strategy = keystone"
        keystone_section keystone_authtoken
        echo "www_authenticate_uri = $KEYSTONE"
    else
        echo "auth_strategy = http_basic"
        echo "http_basic_auth_user_file = $ETC/secrets/htpasswd"
        echo "http_basic_identity_file = $ETC/identities.yaml"
    fi
}

# The two compute services share one libvirt: their guests have different names there.
compute_options() {
    case $DRIVER in
    fake) echo "compute_driver = fake.FakeDriver" ;;
    *)
        cat <<CONF
compute_driver = libvirt.LibvirtDriver
resume_guests_state_on_host_boot = true
instance_name_template = $1-%08x

[libvirt]
virt_type = $(virt_type)
connection_uri = $(libvirt_uri)
CONF
        ;;
    esac
}

# console_options [COMPUTE]: the serial ports of each compute service have a range of their own
console_options() {
    local first=10000
    [ "${1:-}" != "${COMPUTES[1]}" ] || first=15000
    cat <<CONF

[vnc]
novncproxy_host = 127.0.0.1
novncproxy_port = $NOVNC_PORT
novncproxy_base_url = http://127.0.0.1:$NOVNC_PORT/vnc_auto.html

[serial_console]
enabled = true
serialproxy_host = 127.0.0.1
serialproxy_port = $SERIAL_PORT
base_url = ws://127.0.0.1:$SERIAL_PORT/
port_range = $first:$((first + 4999))
CONF
}

keystone_section() {
    cat <<CONF

[$1]
auth_url = $KEYSTONE
auth_type = password
username = $OS_USERNAME
password = $OS_PASSWORD
project_name = $OS_PROJECT_NAME
user_domain_name = ${OS_USER_DOMAIN_NAME:-Default}
project_domain_name = ${OS_PROJECT_DOMAIN_NAME:-Default}
CONF
}

# ---- who may call ----------------------------------------------------------------------------

# Each user has the project of its name.
declare -A PROJECT_IDS=(
    [admin]=5f1e0c2f6c0d4d9b8a3c7e1d2b4f6a01
    [demo]=5f1e0c2f6c0d4d9b8a3c7e1d2b4f6a02
)

write_users() {
    local name
    for name in admin demo; do
        printf '%s:%s\n' "$name" "$(hash_password "$(secret "$name")")"
    done >"$ETC/secrets/htpasswd"
    cat >"$ETC/identities.yaml" <<YAML
admin:
  project_id: '${PROJECT_IDS[admin]}'
  project_name: admin
  roles: [admin]
demo:
  project_id: '${PROJECT_IDS[demo]}'
  project_name: demo
  roles: [member]
YAML
    {
        echo "clouds:"
        cloud_entry nova-lite admin
        cloud_entry nova-lite-demo demo
    } >"$NOVA_LITE_HOME/clouds.yaml"
}

# hash_password TEXT: what htpasswd -B would write; the text goes through a pipe, not an argument
hash_password() {
    printf '%s' "$1" | python -c '
import sys, bcrypt
print(bcrypt.hashpw(sys.stdin.buffer.read(), bcrypt.gensalt(rounds=10)).decode())'
}

# cloud_entry CLOUD USER: as `nova-lite up` writes it
cloud_entry() {
    local url=http://127.0.0.1:$PORT
    cat <<YAML
  $1:
    auth_type: http_basic
    auth:
      username: $2
      password: $(secret "$2")
      endpoint: $url
    region_name: RegionOne
    compute_endpoint_override: $url/v2.1
    compute_api_version: '2'
    image_endpoint_override: $url/image
    image_api_version: '2'
    identity_endpoint_override: $url/identity/v3
    identity_api_version: '3'
    block_storage_endpoint_override: $url/volume/v3
    volume_endpoint_override: $url/volume/v3
    volume_api_version: '3'
$(cloud_network "$url")
    nova_lite_project_id: '${PROJECT_IDS[$2]}'
YAML
}

# cloud_network URL
cloud_network() {
    if [ "$(network_backend)" = local ]; then
        printf '    %s: %s\n' has_network true network_endpoint_override "$1/network" \
            network_api_version "'2'"
    else
        echo "    has_network: false"
    fi
}

# use_cloud: from here on `openstack` talks to this cloud.  A Keystone's catalogue says whether
# there is a Glance; without one the local store takes its place.
use_cloud() {
    if [ -z "$KEYSTONE" ]; then
        private write_users
        use_clouds_yaml
        return
    fi
    : "${OS_USERNAME:?of an administrator}" "${OS_PASSWORD:?}" "${OS_PROJECT_NAME:?}"
    unset OS_CLOUD
    export OS_AUTH_URL=$KEYSTONE OS_IDENTITY_API_VERSION=3
    export OS_USER_DOMAIN_NAME=${OS_USER_DOMAIN_NAME:-Default}
    export OS_PROJECT_DOMAIN_NAME=${OS_PROJECT_DOMAIN_NAME:-Default}
    say "registering the compute endpoint at $KEYSTONE"
    register_endpoint compute "http://127.0.0.1:$PORT/v2.1"
    if [ -n "$(endpoint_url image)" ] && [ "$(endpoint_url image)" != "http://127.0.0.1:$PORT/image" ]; then
        IMAGES=glance
    else
        register_endpoint image "http://127.0.0.1:$PORT/image"
    fi
    if [ "$(network_backend)" = local ]; then
        register_endpoint network "http://127.0.0.1:$PORT/network"
    fi
}

# endpoint_url TYPE: the public endpoint of such a service in the catalogue; nothing without one
endpoint_url() {
    os endpoint list --service "$1" --interface public -f value -c URL 2>/dev/null | head -n 1
}

# register_endpoint TYPE URL
register_endpoint() {
    local interface
    [ -z "$(endpoint_url "$1")" ] || return 0
    os service show "$1" >/dev/null 2>&1 || os service create --name "nova-lite-$1" "$1" >/dev/null
    for interface in public internal admin; do
        os endpoint create --region "${OS_REGION_NAME:-RegionOne}" "$1" "$interface" "$2" >/dev/null
    done
}

# ---- daemons ---------------------------------------------------------------------------------

manage() {
    say "nova-lite-manage $*"
    nova-lite-manage --config-file "$ETC/conductor.conf" "$@" 9>&- ||
        die "nova-lite-manage $* failed"
}

program_of() {
    case $1 in
    compute?) echo nova-lite-compute ;;
    metadata) echo nova-lite-api-metadata ;;
    *) echo "nova-lite-$1" ;;
    esac
}

start_daemons() {
    local name
    need_port "$PORT" api
    need_port "$METADATA_PORT" metadata
    need_port "$NOVNC_PORT" novncproxy
    need_port "$SERIAL_PORT" serialproxy
    mkdir -p "$STATE/images"
    for name in "${DAEMONS[@]}"; do
        mkdir -p "$STATE/$name"
    done
    say "starting ${DAEMONS[*]}"
    for name in "${DAEMONS[@]}"; do
        start "$name" "$NOVA_LITE_VENV/bin/$(program_of "$name")" --config-file "$ETC/$name.conf"
    done
    wait_for_daemons
}

wait_for_daemons() {
    local name deadline=$((SECONDS + 120))
    until port_answers "$PORT" && port_answers "$METADATA_PORT" && port_answers "$NOVNC_PORT" &&
        port_answers "$SERIAL_PORT" && computes_are_up; do
        for name in "${DAEMONS[@]}"; do
            running "$name" || {
                tail -n 5 "$LOG/$name.log" >&2
                die "$name has ended (log: $LOG/$name.log)"
            }
        done
        if [ "$SECONDS" -ge "$deadline" ]; then
            os compute service list >&2 || true
            die "the compute services do not report (logs: $LOG)"
        fi
        sleep 0.5
    done
}

# Every compute service is in the list, and up.
computes_are_up() {
    local name listed
    listed=$(os compute service list --service nova-compute -f value -c Host -c State 2>/dev/null) ||
        return 1
    for name in "${COMPUTES[@]}"; do
        grep -q "^$name up$" <<<"$listed" || return 1
    done
}

prepare_databases() {
    manage api_db sync
    manage cell_v2 simple_cell_setup
    manage db sync
}

# One server on each host.  --host needs an administrator and microversion 2.74.
boot_on_each_host() {
    local name number=1
    # shellcheck disable=SC2034 # read by boot_guest
    CREATE_VERSION=(--os-compute-api-version 2.74)
    for name in "${COMPUTES[@]}"; do
        boot_guest "first$number" --host "$name"
        number=$((number + 1))
    done
}

list_processes() {
    local name
    for name in rabbitmq mariadb "${DAEMONS[@]}"; do
        printf '    %-12s process %s, log %s\n' "$name" "$(pid_of "$name")" "$LOG/$name.log"
    done
}

up_distributed() {
    private mkdir -p "$ETC"
    say "RabbitMQ and MariaDB"
    background broker start_rabbitmq
    start_mariadb
    join broker
    use_cloud
    private write_configs
    prepare_databases
    start_daemons
    manage cell_v2 discover_hosts
    make_ingredients
    [ "$GUEST" = no ] || boot_on_each_host
    next_steps "nova_lite is up after $SECONDS s, each daemon a process of its own:

$(list_processes)

To look at it:

    $NOVA_LITE_HOME/bin/rabbitmqctl list_queues name consumers
    ls -l $ETC"
    [ "$GUEST" = no ] || say_ssh first1
}
