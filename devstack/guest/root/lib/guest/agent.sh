# start_agent: runs qemu-ga if it is in the image and the host has a channel for it.
AGENT_CHANNEL=org.qemu.guest_agent.0

start_agent() {
    [ -x /sbin/qemu-ga ] || return 0
    mkdir -p /dev/virtio-ports
    for port in /sys/class/virtio-ports/*; do
        [ "$(cat "$port/name" 2>/dev/null)" = $AGENT_CHANNEL ] || continue
        ln -sf "../${port##*/}" /dev/virtio-ports/$AGENT_CHANNEL
        qemu-ga -d -m virtio-serial -p /dev/virtio-ports/$AGENT_CHANNEL \
            -l /var/log/agent.log -t /run -f /run/agent.pid
        say "agent started"
    done
}
