# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC1091 # DevStack has set the variables and has the files
#
# The DevStack plugin: nova_lite as the compute service of a DevStack cloud.  Sourced by stack.sh,
# unstack.sh and clean.sh with the phase as arguments; settings are in the file beside it.

NOVA_LITE_SERVICES=(n-api-lite n-cond-lite n-sch-lite n-cpu-lite)

function nova_lite_is_enabled {
    local service
    for service in "${NOVA_LITE_SERVICES[@]}"; do
        if is_service_enabled "$service"; then
            return 0
        fi
    done
    return 1
}

# ---- install -----------------------------------------------------------------------------------

function install_nova_lite {
    local extras=mysql
    if [[ "$DATABASE_TYPE" == postgresql ]]; then
        extras=postgresql
    fi
    if is_service_enabled n-cpu-lite && [[ "$NOVA_LITE_DRIVER" == libvirt ]]; then
        extras+=,libvirt
        source "$TOP_DIR/lib/nova_plugins/functions-libvirt"
        install_libvirt
    fi
    setup_develop "$NOVA_LITE_DIR" "$extras"
}

# ---- configure ---------------------------------------------------------------------------------

# Credentials of our service user, as options of keystoneauth in one section.
function nova_lite_set_credentials {
    local section=$1
    iniset "$NOVA_LITE_CONF" "$section" auth_type password
    iniset "$NOVA_LITE_CONF" "$section" auth_url "$KEYSTONE_SERVICE_URI"
    iniset "$NOVA_LITE_CONF" "$section" username nova-lite
    iniset "$NOVA_LITE_CONF" "$section" password "$SERVICE_PASSWORD"
    iniset "$NOVA_LITE_CONF" "$section" user_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$NOVA_LITE_CONF" "$section" project_name "$SERVICE_PROJECT_NAME"
    iniset "$NOVA_LITE_CONF" "$section" project_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$NOVA_LITE_CONF" "$section" region_name "$REGION_NAME"
}

function configure_nova_lite {
    sudo install -d -o "$STACK_USER" "$NOVA_LITE_CONF_DIR" "$NOVA_LITE_STATE_PATH"
    install -m 640 /dev/null "$NOVA_LITE_CONF"
    install -m 600 /dev/null "$NOVA_LITE_CONDUCTOR_CONF"
    cp "$NOVA_LITE_DIR/etc/nova-lite/api-paste.ini" "$NOVA_LITE_CONF_DIR/"

    iniset "$NOVA_LITE_CONF" DEFAULT debug "$ENABLE_DEBUG_LOG_LEVEL"
    iniset "$NOVA_LITE_CONF" DEFAULT my_ip "$HOST_IP"
    iniset "$NOVA_LITE_CONF" DEFAULT state_path "$NOVA_LITE_STATE_PATH"
    iniset_rpc_backend nova-lite "$NOVA_LITE_CONF"
    setup_logging "$NOVA_LITE_CONF"

    iniset "$NOVA_LITE_CONF" DEFAULT osapi_compute_listen "$SERVICE_LISTEN_ADDRESS"
    iniset "$NOVA_LITE_CONF" DEFAULT osapi_compute_listen_port "$NOVA_LITE_SERVICE_PORT"
    iniset "$NOVA_LITE_CONF" DEFAULT osapi_compute_workers "$API_WORKERS"
    iniset "$NOVA_LITE_CONF" wsgi api_paste_config "$NOVA_LITE_CONF_DIR/api-paste.ini"
    iniset "$NOVA_LITE_CONF" api auth_strategy keystone
    configure_keystone_authtoken_middleware "$NOVA_LITE_CONF" nova-lite

    iniset "$NOVA_LITE_CONF" scheduler workers "$API_WORKERS"
    iniset "$NOVA_LITE_CONF" conductor workers "$API_WORKERS"
    iniset "$NOVA_LITE_CONF" image backend glance
    nova_lite_set_credentials glance
    iniset "$NOVA_LITE_CONF" network backend "$NOVA_LITE_NETWORK"

    # The conductor alone knows the databases.
    iniset "$NOVA_LITE_CONDUCTOR_CONF" api_database connection "$(database_connection_url nova_lite_api)"
    iniset "$NOVA_LITE_CONDUCTOR_CONF" database connection "$(database_connection_url nova_lite)"

    if is_service_enabled n-cpu-lite; then
        configure_nova_lite_compute
    fi
}

function configure_nova_lite_compute {
    case $NOVA_LITE_DRIVER in
        libvirt)
            iniset "$NOVA_LITE_CONF" DEFAULT compute_driver libvirt.LibvirtDriver
            iniset "$NOVA_LITE_CONF" libvirt virt_type "$NOVA_LITE_VIRT_TYPE"
            configure_libvirt
            ;;
        fake)
            iniset "$NOVA_LITE_CONF" DEFAULT compute_driver fake.FakeDriver
            ;;
        *)
            die $LINENO "NOVA_LITE_DRIVER is libvirt or fake, not $NOVA_LITE_DRIVER"
            ;;
    esac
}

function create_nova_lite_accounts {
    local url=$NOVA_LITE_SERVICE_PROTOCOL://$NOVA_LITE_SERVICE_HOST:$NOVA_LITE_SERVICE_PORT/v2.1
    create_service_user nova-lite admin
    get_or_create_service nova-lite compute "nova_lite compute service"
    get_or_create_endpoint compute "$REGION_NAME" "$url"
}

# ---- init and start ----------------------------------------------------------------------------

function nova_lite_manage {
    "$NOVA_LITE_BIN_DIR/nova-lite-manage" --config-file "$NOVA_LITE_CONF" \
        --config-file "$NOVA_LITE_CONDUCTOR_CONF" "$@"
}

function init_nova_lite {
    recreate_database nova_lite_api
    recreate_database nova_lite
    recreate_database nova_lite_cell0
    nova_lite_manage api_db sync
    nova_lite_manage cell_v2 simple_cell_setup
    nova_lite_manage db sync
}

function start_nova_lite {
    local own="--config-file $NOVA_LITE_CONF"
    run_process n-cond-lite "$NOVA_LITE_BIN_DIR/nova-lite-conductor $own --config-file $NOVA_LITE_CONDUCTOR_CONF"
    run_process n-sch-lite "$NOVA_LITE_BIN_DIR/nova-lite-scheduler $own"
    run_process n-api-lite "$NOVA_LITE_BIN_DIR/nova-lite-api $own"
    run_process n-cpu-lite "$NOVA_LITE_BIN_DIR/nova-lite-compute $own" "${LIBVIRT_GROUP:-}"
    if is_service_enabled n-api-lite; then
        wait_for_service "$SERVICE_TIMEOUT" \
            "$NOVA_LITE_SERVICE_PROTOCOL://$NOVA_LITE_SERVICE_HOST:$NOVA_LITE_SERVICE_PORT/healthcheck" ||
            die $LINENO "nova-lite-api did not start"
    fi
}

# After every service runs: the hosts that have reported get their servers.
function finish_nova_lite {
    if is_service_enabled n-cond-lite; then
        nova_lite_manage cell_v2 discover_hosts --verbose
    fi
}

# ---- stop and clean ----------------------------------------------------------------------------

function stop_nova_lite {
    local service
    for service in "${NOVA_LITE_SERVICES[@]}"; do
        stop_process "$service"
    done
}

function cleanup_nova_lite {
    if [[ "$NOVA_LITE_DRIVER" == libvirt ]]; then
        nova_lite_remove_guests
    fi
    sudo rm -rf "$NOVA_LITE_CONF_DIR" "$NOVA_LITE_STATE_PATH"
}

# Only the guests whose disks are below our state path.
function nova_lite_remove_guests {
    local name definition
    for name in $(sudo virsh -q list --all --name 2>/dev/null); do
        definition=$(sudo virsh dumpxml "$name")
        if [[ "$definition" == *"$NOVA_LITE_STATE_PATH/"* ]]; then
            sudo virsh destroy "$name" >/dev/null 2>&1 || true
            sudo virsh undefine "$name" --managed-save --snapshots-metadata --nvram
        fi
    done
}

# ---- dispatch ----------------------------------------------------------------------------------

if nova_lite_is_enabled; then
    NOVA_LITE_BIN_DIR=$(get_python_exec_prefix)
    case "$1:${2:-}" in
        stack:install)
            echo_summary "Installing nova_lite"
            install_nova_lite
            ;;
        stack:post-config)
            echo_summary "Configuring nova_lite"
            configure_nova_lite
            create_nova_lite_accounts
            ;;
        stack:extra)
            echo_summary "Starting nova_lite"
            init_nova_lite
            start_nova_lite
            ;;
        stack:test-config)
            finish_nova_lite
            ;;
        unstack:*)
            stop_nova_lite
            ;;
        clean:*)
            cleanup_nova_lite
            ;;
    esac
fi
