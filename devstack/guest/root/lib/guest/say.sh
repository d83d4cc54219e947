# say WORDS...: one line on every console and in /var/log/guest.log.
# On the consoles it begins with "GUEST:", so that whoever watches can wait for it; once the
# login prompts are there, on a line of its own after them.
say() {
    [ -e /run/booted ] && gap='\n' || gap=
    for console in /dev/ttyS0 /dev/tty1; do
        [ -c $console ] && printf "$gap%s\n" "GUEST: $*" > $console
    done 2>/dev/null
    echo "$(cut -d' ' -f1 /proc/uptime) $*" >> /var/log/guest.log
}
