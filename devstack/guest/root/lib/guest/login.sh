# start_ssh: an ssh server with a host key of this guest's own.
start_ssh() {
    [ -x /sbin/dropbear ] || return 0
    key=/etc/dropbear/hostkey
    [ -s $key ] || dropbearkey -t ed25519 -f $key > /dev/null 2>&1
    dropbear -E -r $key 2>> /var/log/dropbear.log
}
