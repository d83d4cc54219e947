# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # settings are used by those who source this
#
# Functions of devstack/up, down and test.  Sourced, never run; defines settings and functions only.
#
# Settings, each from the environment if it is set there:
#   NOVA_LITE_HOME   the one folder for everything that is made (default .devstack in the clone)
#   NOVA_LITE_VENV   the virtual environment (default $NOVA_LITE_HOME/venv)
#   NOVA_LITE_PYTHON the Python that it is made with (default /usr/bin/python3, else python3)
#   NOVA_LITE_GUEST_CACHE  where the guest image is kept (default $NOVA_LITE_HOME/cache)

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEVSTACK=$REPOSITORY/devstack
NOVA_LITE_HOME=$(realpath -m "${NOVA_LITE_HOME:-$REPOSITORY/.devstack}")
NOVA_LITE_VENV=$(realpath -m "${NOVA_LITE_VENV:-$NOVA_LITE_HOME/venv}")
export NOVA_LITE_HOME
CACHE=$(realpath -m "${NOVA_LITE_GUEST_CACHE:-$NOVA_LITE_HOME/cache}")
export NOVA_LITE_GUEST_CACHE=$CACHE
LOG=$NOVA_LITE_HOME/log
RUN=$NOVA_LITE_HOME/run
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# ---- talking ---------------------------------------------------------------------------------

say() {
    printf '[%3d s] %s\n' "$SECONDS" "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_root() {
    [ "$(id -u)" = 0 ]
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Everybody may pass through the top folder (QEMU runs as a user of its own and has to reach the
# disks); what is private in it is closed by itself.  The marker says that the folder is ours
# alone, so that `down --purge` may remove it: the default one is, another one if it was empty.
MARKER=$NOVA_LITE_HOME/.made-by-devstack
prepare_home() {
    if [ "$NOVA_LITE_HOME" = "$REPOSITORY/.devstack" ] ||
        [ -z "$(ls -A "$NOVA_LITE_HOME" 2>/dev/null)" ]; then
        mkdir -p "$NOVA_LITE_HOME"
        : >"$MARKER"
    fi
    mkdir -p "$CACHE"
    (umask 077 && mkdir -p "$LOG" "$RUN")
    chmod 711 "$NOVA_LITE_HOME"
}

# One `up` or `down` at a time.  Processes that are started must close descriptor 9.
take_lock() {
    exec 9>"$RUN/lock"
    flock --nonblock 9 || die "another devstack command is at work in $NOVA_LITE_HOME"
}

# ---- waiting ---------------------------------------------------------------------------------

# wait_until SECONDS WHAT COMMAND...: until the command succeeds
wait_until() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || die "waited too long for $what"
        sleep 0.2
    done
}

# ---- processes -------------------------------------------------------------------------------
# A process of ours is known by "PID START", START being the kernel's start time of it (clock
# ticks since boot), so that a process id that was given to another process is never taken for it.

# started_at PID: its start time; nothing when there is no such process
started_at() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # The name, in parentheses, may hold spaces: fields are counted after it.
    stat=${stat##*) }
    # shellcheck disable=SC2086 # fields
    set -- $stat
    [ "$1" = Z ] || echo "${20}"
}

# record NAME PID: remember a process as ours
record() {
    echo "$2 $(started_at "$2")" >"$RUN/$1.pid"
}

# pid_of NAME: the process id of our process of that name while it runs
pid_of() {
    local pid start
    [ -f "$RUN/$1.pid" ] && read -r pid start <"$RUN/$1.pid" || return 1
    [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

running() {
    pid_of "$1" >/dev/null
}

# start NAME COMMAND...: in a session of its own, with its output in log/NAME.log
start() {
    local name=$1
    shift
    running "$name" && return
    (cd / && exec setsid "$@" >>"$LOG/$name.log" 2>&1 </dev/null 9>&-) &
    record "$name" $!
    disown $!
}

# stop NAME [SECONDS]: asks it to end, and waits for it and for what it started in its process
# group (workers, RabbitMQ's virtual machine); what is left after the time is killed
stop() {
    local name=$1 deadline=$((SECONDS + ${2:-60})) pid left=
    if pid=$(pid_of "$name"); then
        kill -TERM "$pid"
        while group_lives "$pid"; do
            if [ -z "$left" ] && ! running "$name"; then
                left=yes # it ended and has not told the others
                kill -TERM -- "-$pid" 2>/dev/null || true
            fi
            if [ "$SECONDS" -ge "$deadline" ]; then
                say "$name does not end: killed"
                kill -KILL -- "-$pid" 2>/dev/null || true
                break
            fi
            sleep 0.1
        done
        say "stopped $name"
    fi
    rm -f "$RUN/$name.pid"
}

# group_lives PID: some process of that group is there, and no zombie
group_lives() {
    # Processes that end meanwhile are no failure.
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } |
        awk -v group="$1" '{ sub(/.*\) /, "") } $1 != "Z" && $3 == group { found = 1 } END { exit !found }'
}

# ---- work in the background ------------------------------------------------------------------

declare -A JOBS=()

# background NAME COMMAND...: output in log/NAME.log
background() {
    local name=$1
    shift
    set -m # a process group of its own, so that end_jobs reaches what it has started
    ("$@") >"$LOG/$name.log" 2>&1 </dev/null 9>&- &
    set +m
    JOBS[$name]=$!
}

# join NAME: waits for it; ends the script with the end of its output if it failed
join() {
    local name=$1
    [ -n "${JOBS[$name]:-}" ] || return 0
    if ! wait "${JOBS[$name]}"; then
        tail -n 20 "$LOG/$name.log" >&2
        die "$name failed (all of it: $LOG/$name.log)"
    fi
    unset "JOBS[$name]"
}

# Ends the background work of a script that stops early.
end_jobs() {
    local name
    for name in "${!JOBS[@]}"; do
        kill -- "-${JOBS[$name]}" 2>/dev/null || true
    done
}

# ---- Debian packages -------------------------------------------------------------------------

# packages_of SECTION...: names under those headings of the file `packages`
packages_of() {
    awk -v sections=" $* " '
        /^# \[/ { match($0, /\[[^]]*\]/); wanted = index(sections, " " substr($0, RSTART + 1, RLENGTH - 2) " ") }
        /^[^#]/ && NF && wanted { print $1 }' "$DEVSTACK/packages"
}

# missing_packages SECTION...: those that are not installed
missing_packages() {
    local -a wanted
    mapfile -t wanted < <(packages_of "$@")
    # It fails when it does not know one of them, which is no failure here.
    { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true; } |
        awk -v wanted="${wanted[*]}" '
            $2 == "installed" { there[$1] }
            END { n = split(wanted, name, " ")
                  for (i = 1; i <= n; i++) if (!(name[i] in there)) print name[i] }'
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
        -o Dpkg::Use-Pty=0 "$@" 9>&-
}

# The services of the packages must not start by themselves: their ports may be wanted, and what
# we need we start with data of our own.
POLICY=/usr/sbin/policy-rc.d
keep_services_off() {
    if [ ! -e "$POLICY" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$POLICY"
        chmod 755 "$POLICY"
        POLICY_IS_OURS=1
    fi
    mkdir -p /etc/postgresql-common
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    fi
}

let_services_on() {
    [ "${POLICY_IS_OURS:-0}" = 0 ] || rm -f "$POLICY"
    POLICY_IS_OURS=0
}

# need_packages SECTION...: dies with the command to type if one is missing and we are not root
need_packages() {
    local missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "$missing" ] || is_root || die "these packages are missing; as root:
    apt-get install --no-install-recommends $missing"
}

# install_packages SECTION...: what is missing of them; `apt-get update` must have been done
install_packages() {
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    apt install -y --no-install-recommends "${missing[@]}" >>"$LOG/apt.log" 2>&1 ||
        die "apt-get failed: $LOG/apt.log"
}

# ---- virtual environment ---------------------------------------------------------------------

choose_python() {
    local python=${NOVA_LITE_PYTHON:-/usr/bin/python3}
    [ -x "$python" ] || python=python3
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$python is not Python 3.11 or newer (set NOVA_LITE_PYTHON)"
    echo "$python"
}

# make_venv EXTRA...: the environment with this checkout and those of its extras, plus the
# `openstack` client.  An environment that is not ours is used as it is when it has all of that;
# ours is left alone until pyproject.toml changes.
VENV_STAMP=$NOVA_LITE_VENV/.devstack
make_venv() {
    local extra wanted
    local -a extras=("$@")
    if [ ! -e "$VENV_STAMP" ] && venv_serves "${extras[@]}"; then
        return
    fi
    # What another command asked for stays.
    if [ -e "$VENV_STAMP" ]; then
        mapfile -t -O ${#extras[@]} extras < <(sed -n 's/^extra //p' "$VENV_STAMP")
    fi
    mapfile -t extras < <(printf '%s\n' "${extras[@]}" | sort -u)
    wanted=$(
        sha256sum <"$REPOSITORY/pyproject.toml"
        printf 'extra %s\n' "${extras[@]}"
    )
    [ "$(cat "$VENV_STAMP" 2>/dev/null)" != "$wanted" ] || return 0
    [ -x "$NOVA_LITE_VENV/bin/python" ] || "$(choose_python)" -m venv "$NOVA_LITE_VENV"
    extra=$(
        IFS=,
        echo "${extras[*]}"
    )
    "$NOVA_LITE_VENV/bin/pip" install --disable-pip-version-check --progress-bar off \
        -e "${REPOSITORY}[$extra]" python-openstackclient
    printf '%s\n' "$wanted" >"$VENV_STAMP"
}

# venv_serves EXTRA...: the environment runs this checkout and has what those extras bring
venv_serves() {
    local extra program
    local -a programs=(nova-lite openstack) modules=(nova_lite)
    for extra in "$@"; do
        case $extra in
        mysql) modules+=(pymysql) ;;
        postgresql) modules+=(psycopg2) ;;
        libvirt) modules+=(libvirt) ;;
        testing) programs+=(pytest ruff mypy lint-imports) && modules+=(psutil schemathesis) ;;
        esac
    done
    for program in "${programs[@]}"; do
        [ -x "$NOVA_LITE_VENV/bin/$program" ] || return 1
    done
    (cd / && "$NOVA_LITE_VENV/bin/python" -c '
import importlib, pathlib, sys
repository, *modules = sys.argv[1:]
for name in modules:
    importlib.import_module(name)
import nova_lite
here = pathlib.Path(nova_lite.__file__).resolve()
sys.exit(pathlib.Path(repository).resolve() not in here.parents)
' "$REPOSITORY" "${modules[@]}") 2>/dev/null
}

# ---- libvirt ---------------------------------------------------------------------------------

# The system's libvirt.  Only tried by those who may: another user would be asked for a password by
# polkit, which lets the group libvirt in; nova_lite/cmd/folder.py decides in the same way.
LIBVIRT_SOCKET=/run/libvirt/libvirt-sock
libvirt_answers() {
    [ -w "$LIBVIRT_SOCKET" ] || return 1
    is_root || [ -z "$(find "$LIBVIRT_SOCKET" -perm -o=w)" ] || id -nG | grep -qw libvirt || return 1
    virsh -q -c qemu:///system version >/dev/null 2>&1
}

# The connection that the compute service uses: the system's libvirt where this user may, else one
# of the user's own, which libvirt starts by itself.
libvirt_uri() {
    if is_root || libvirt_answers; then
        echo qemu:///system
    else
        echo qemu:///session
    fi
}

# As `nova-lite up` decides: a /dev/kvm alone does not mean that KVM works.
virt_type() {
    if grep -qwE 'vmx|svm' /proc/cpuinfo; then
        echo kvm
    else
        echo qemu
    fi
}

has_systemd() {
    [ -d /run/systemd/system ]
}

# start_libvirt: the system's one when root and nothing answers; else the user's own, which libvirt
# would start by itself too, but then nobody would end it
start_libvirt() {
    libvirt_answers && return
    if is_root && has_systemd; then
        say "starting libvirtd (systemctl)"
        systemctl start libvirtd || die "systemctl start libvirtd failed"
        echo libvirtd >"$RUN/units"
    else
        say "starting virtlogd and libvirtd"
        ! is_root || open_kvm
        # Where one runs already, ours finds its files locked and ends.
        start virtlogd virtlogd
        start libvirtd libvirtd
    fi
    wait_until 60 "libvirtd (log: $LOG/libvirtd.log)" vsh version
}

# Without udev /dev/kvm is root's alone.  libvirt examines QEMU with root's rights and runs it
# without: it then takes what it found out for outdated, and examines QEMU again (5 s) at each
# question.  So the device gets the group and mode that Debian's udev gives it, until `down`.
KVM=/dev/kvm
open_kvm() {
    [ -c "$KVM" ] && ! may libvirt-qemu test -w "$KVM" || return 0
    stat -c '%U:%G %a' "$KVM" >"$RUN/kvm"
    chgrp kvm "$KVM"
    chmod 660 "$KVM"
    say "$KVM is open to the group kvm now"
}

close_kvm() {
    local owner mode
    [ -f "$RUN/kvm" ] || return 0
    read -r owner mode <"$RUN/kvm"
    chown "$owner" "$KVM"
    chmod "$mode" "$KVM"
    rm -f "$RUN/kvm"
}

vsh() {
    virsh -q -c "$(libvirt_uri)" "$@" 9>&-
}

# our_guests OPTION...: names of the domains that have a file in our folder; options for `list`
our_guests() {
    local name definition
    have virsh || return 0
    vsh list --name "$@" 2>/dev/null | while read -r name; do
        [ -n "$name" ] || continue
        definition=$(vsh dumpxml "$name" 2>/dev/null) || continue
        [[ $definition != *"$NOVA_LITE_HOME/"* ]] || echo "$name"
    done
}

no_guest_runs() {
    [ -z "$(our_guests)" ]
}

stop_guests() {
    local name deadline=$((SECONDS + 30))
    no_guest_runs && return
    say "telling guests to power off: $(our_guests | tr '\n' ' ')"
    for name in $(our_guests); do
        vsh shutdown "$name" --mode acpi >/dev/null 2>&1 || true
    done
    until no_guest_runs || [ "$SECONDS" -ge "$deadline" ]; do
        sleep 0.5
    done
    for name in $(our_guests); do
        say "guest $name does not power off: cut off"
        vsh destroy "$name" >/dev/null
    done
}

# forget_guests: libvirt's definitions of our domains, which are off
forget_guests() {
    local name
    for name in $(our_guests --inactive); do
        vsh undefine "$name" --managed-save --snapshots-metadata --nvram >/dev/null
    done
}

# ---- access ----------------------------------------------------------------------------------
# Servers that run as users of their own have to reach their files in our folder.  Folders above
# it that are closed to them get one access control entry each, which `down --wipe` takes back.

# open_path_to USER: lets that user pass through the folders above ours
open_path_to() {
    local user=$1 dir
    is_root && id "$user" >/dev/null 2>&1 || return 0
    while read -r dir; do
        may "$user" test -x "$dir" && continue
        setfacl -m "u:$user:--x" "$dir" 2>/dev/null ||
            die "user $user cannot reach $NOVA_LITE_HOME: chmod o+x $dir, or set NOVA_LITE_HOME"
        say "user $user may now pass through $dir"
        echo "$user $dir" >>"$RUN/opened"
    done < <(folders_above "$NOVA_LITE_HOME")
}

# folders_above DIR: the topmost first, for without passing that one no other can be reached
folders_above() {
    local dir=$1
    local -a found=()
    while [ "$dir" != / ]; do
        dir=$(dirname "$dir")
        found=("$dir" "${found[@]}")
    done
    printf '%s\n' "${found[@]}"
}

# may USER COMMAND...: as that user
may() {
    setpriv "--reuid=$1" "--regid=$(id -g "$1")" --init-groups "${@:2}"
}

close_paths() {
    local user dir
    [ -f "$RUN/opened" ] || return 0
    while read -r user dir; do
        # With the last entry the mask goes too; while others are left it cannot.
        setfacl -x "u:$user,m" "$dir" 2>/dev/null || setfacl -x "u:$user" "$dir" 2>/dev/null ||
            say "could not take back the entry on $dir"
    done <"$RUN/opened"
    rm -f "$RUN/opened"
}
