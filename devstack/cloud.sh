# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What `devstack/up` does with a cloud that runs: things to boot a guest from, and a guest.
# Sourced after lib.sh.  Only `openstack`, as any user of the cloud would.

FLAVOR=tiny
IMAGE=tiny
KEY=devstack
CREATE_VERSION=() # options before `server create`, set by who needs a microversion

os() {
    openstack "$@" 9>&-
}

# use_clouds_yaml: the variables of another cloud, if there are any, must not get in between
use_clouds_yaml() {
    unset "${!OS_@}"
    export OS_CLIENT_CONFIG_FILE=$NOVA_LITE_HOME/clouds.yaml OS_CLOUD=nova-lite
}

make_flavor() {
    os flavor show "$FLAVOR" >/dev/null 2>&1 ||
        os flavor create --vcpus 1 --ram 128 --disk 1 "$FLAVOR"
}

make_keypair() {
    local file=$NOVA_LITE_HOME/$KEY.key
    os keypair show "$KEY" >/dev/null 2>&1 && return
    rm -f "$file"
    (umask 077 && os keypair create --private-key "$file" "$KEY")
}

make_image() {
    os image show "$IMAGE" >/dev/null 2>&1 ||
        os image create --disk-format qcow2 --container-format bare --file "$(guest_image)" "$IMAGE"
}

guest_image() {
    "$DEVSTACK/build-guest-image" --cached "$CACHE" 9>&-
}

make_ingredients() {
    say "flavor, key pair and image"
    background flavor make_flavor
    background keypair make_keypair
    background image make_image
    join flavor
    join keypair
    join image
}

status_of() {
    os server show "$1" -f value -c status 2>/dev/null || true
}

# boot_guest NAME [OPTION...]: the server is ACTIVE afterwards, and its console has been shown until
# the login prompt; options for `server create`
boot_guest() {
    local name=$1 status
    shift
    status=$(status_of "$name")
    if [ "$status" = ERROR ]; then
        say "server $name is in ERROR from before: making it anew"
        os server delete --wait "$name"
        status=
    fi
    case $status in
    ACTIVE)
        say "server $name is ACTIVE already"
        show_console "$name"
        ;;
    SHUTOFF) say "server $name is stopped, as it was left: openstack server start $name" ;;
    '')
        say "openstack server create --flavor $FLAVOR --image $IMAGE --key-name $KEY $* --wait $name"
        os "${CREATE_VERSION[@]}" server create --flavor "$FLAVOR" --image "$IMAGE" --key-name "$KEY" "$@" --wait "$name" \
            -c id -c name -c status || explain_failure "$name"
        show_console "$name"
        ;;
    *) explain_failure "$name" ;;
    esac
}

explain_failure() {
    os server show "$1" -c status -c fault >&2 || true
    nova-lite server explain "$1" >&2 9>&- || true
    die "server $1 is not ACTIVE; logs: $LOG"
}

# guests_are_real: also where `auto` has chosen the driver
guests_are_real() {
    local config=$NOVA_LITE_HOME/etc/nova.conf
    [ "$DRIVER" != fake ] || return 1
    [ "$MODE" != embedded ] || ! grep -qsE '^compute_driver = fake\b' "$config"
}

# show_console NAME
show_console() {
    local name=$1
    guests_are_real || return 0
    say "console log of $name, until its login prompt:"
    python "$DEVSTACK/follow_console.py" "$name" 240 9>&- ||
        die "server $name shows no login prompt; logs: $LOG"
    say "server $name has booted"
}

# ssh_command NAME: how to log in on it through a port of this machine; nothing where the server is
# reached by its own address
ssh_command() {
    local words
    words=$(nova-lite server ssh --print -i "$NOVA_LITE_HOME/$KEY.key" "$1" 2>/dev/null 9>&-) || return 0
    case " $words " in
    *" 127.0.0.1 "*) echo "$words" ;;
    esac
}

# say_ssh NAME
say_ssh() {
    local words
    guests_are_real && [ "$(status_of "$1")" = ACTIVE ] || return 0
    words=$(ssh_command "$1")
    if [ -n "$words" ]; then
        printf '%s\n' "" "To log in on server $1 (or: nova-lite server ssh -i $NOVA_LITE_HOME/$KEY.key $1):" "" "    $words"
    fi
}

client_variables() {
    if [ -n "${OS_CLOUD:-}" ]; then
        echo "export OS_CLIENT_CONFIG_FILE=$OS_CLIENT_CONFIG_FILE OS_CLOUD=$OS_CLOUD"
    else
        echo "export OS_AUTH_URL=$OS_AUTH_URL    # and your other OS_* variables"
    fi
}

next_steps() {
    local console=
    if guests_are_real; then
        console="
    openstack console log show second"
    fi
    cat <<TEXT

$1

To use it:

    export PATH=$NOVA_LITE_VENV/bin:\$PATH
    export NOVA_LITE_HOME=$NOVA_LITE_HOME
    $(client_variables)

    openstack server list --long
    openstack server create --flavor $FLAVOR --image $IMAGE --wait second$console
    nova-lite server explain SERVER     # of one in ERROR: why no host was good enough
    nova-lite doctor

$(if guests_are_real; then echo 'Log in on a console as root, password "guest".  '; fi)Logs: $LOG
$REPOSITORY/devstack/down stops everything; $REPOSITORY/devstack/up brings it back.
TEXT
}
