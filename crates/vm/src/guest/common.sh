# Sent before each of the other scripts. Plain POSIX shell; the arguments are never pasted into the text.
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Sets disk (vda) and number (253:0) of the disk with the serial $1.
find_disk() {
    for file in /sys/block/*/serial; do
        [ -r "$file" ] || continue
        found=
        read -r found <"$file" || :
        [ "$found" = "$1" ] || continue
        disk=${file%/serial}
        disk=${disk##*/}
        read -r number <"/sys/block/$disk/dev"
        return 0
    done
    return 1
}

# Sets mounted to the number of the device that is mounted at $1, written as the kernel writes it.
look_at() {
    mounted=
    while read -r _ _ device _ where _; do
        [ "$where" = "$1" ] && mounted=$device
    done </proc/self/mountinfo
}
