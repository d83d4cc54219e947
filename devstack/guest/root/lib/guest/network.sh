# start_nic NAME: waits up to 4 s for a lease, then lets the client go on in the background.
start_nic() {
    ip link set "$1" up
    udhcpc -i "$1" -s /etc/dhcp.script -p "/run/dhcp/$1.pid" \
        -O staticroutes -O mtu -b -t 4 -T 1 -A 5 > /dev/null 2>&1
    ip -4 addr show dev "$1" | grep -q inet || say "dhcp $1 none yet, going on in the background"
}

stop_nic() {
    [ -e "/run/dhcp/$1.pid" ] && kill "$(cat "/run/dhcp/$1.pid")"
    rm -f "/run/dhcp/$1.pid"
    # Its routes have gone with it.
    interface=$1 /etc/dhcp.script removed
}

start_nics() {
    for nic in /sys/class/net/eth*; do
        [ -e "$nic" ] && start_nic "${nic##*/}"
    done
}
