# configure_from_metadata: host name, keys, password and user data, from a config drive
# if there is one, else from the metadata service.
METADATA_URL=http://169.254.169.254/openstack/latest
USER_DATA_LIMIT=120 # seconds that a user data script may take

configure_from_metadata() {
    read_config_drive && return
    if ! ip route | grep -q .; then
        say "no network, no config drive"
        return
    fi
    read_metadata_service || say "no metadata"
}

read_config_drive() {
    for device in /dev/sr? /dev/vd? /dev/sd? /dev/vd?1; do
        readable "$device" || continue
        for type in iso9660 vfat ext4; do
            mount -o ro -t $type "$device" /mnt/config 2>/dev/null || continue
            if [ -e /mnt/config/openstack/latest/meta_data.json ]; then
                say "config drive $device $type"
                cp /mnt/config/openstack/latest/meta_data.json /run/meta_data.json
                cp /mnt/config/openstack/latest/user_data /run/user_data 2>/dev/null
                umount /mnt/config
                apply_metadata config-drive
                return 0
            fi
            umount /mnt/config
        done
    done
    return 1
}

# A drive without a disc and a disk with partitions would only make the kernel complain.
readable() {
    [ -b "$1" ] && [ ! -e "/sys/block/${1##*/}/${1##*/}1" ] && head -c 1 "$1" > /dev/null 2>&1
}

read_metadata_service() {
    for try in 1 2 3; do
        if fetch meta_data.json /run/meta_data.json; then
            fetch user_data /run/user_data
            apply_metadata metadata-service
            return 0
        fi
        sleep 1
    done
    return 1
}

# The time limit is outside wget: its own (-T) crashes in Debian's static busybox.
fetch() {
    timeout 5 wget -q -O "$2" "$METADATA_URL/$1" 2>/dev/null
}

# value PATH: that scalar of the metadata, or nothing
value() {
    awk -F'\t' -v path="$1" '$1 == path { print $2; exit }' /run/meta_data
}

apply_metadata() {
    awk -f /lib/guest/json.awk /run/meta_data.json > /run/meta_data
    cp /run/meta_data.json /var/lib/guest/meta_data.json
    uuid=$(value .uuid)
    name=$(value .hostname)
    if [ -n "$name" ]; then
        hostname "$name"
        echo "$name" > /etc/hostname
    fi
    say "metadata from $1: uuid=$uuid hostname=$name"
    apply_keys
    password=$(value .admin_pass)
    [ -n "$password" ] && echo "root:$password" | chpasswd
    run_user_data
}

apply_keys() {
    keys=/root/.ssh/authorized_keys
    awk -F'\t' '$1 ~ /^\.public_keys\./ { print $2 }' /run/meta_data > $keys
    chmod 600 $keys
    [ -s $keys ] && say "ssh keys: $(grep -c . $keys)"
}

# Only "#!" scripts are run, and only once per server, whatever the number of boots.
run_user_data() {
    [ -s /run/user_data ] || return 0
    if [ "$(head -c 2 /run/user_data)" != '#!' ]; then
        say "user-data: not a script ($(wc -c < /run/user_data) bytes)"
        return
    fi
    if [ "$(cat /var/lib/guest/user_data_ran_for 2>/dev/null)" = "$uuid" ]; then
        say "user-data: ran before"
        return
    fi
    echo "$uuid" > /var/lib/guest/user_data_ran_for
    cp /run/user_data /var/lib/guest/user_data
    chmod 700 /var/lib/guest/user_data
    timeout $USER_DATA_LIMIT /var/lib/guest/user_data > /var/log/user_data.log 2>&1 < /dev/null
    say "user-data: script rc=$?"
}
