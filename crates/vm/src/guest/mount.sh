# mount.sh SERIAL PATH ESCAPED-PATH OPTIONS: mounts the disk, also when it still has to appear.
serial=$1 point=$2 escaped=$3 options=$4

# Sets mount to the number of the mount that the folder $1 is on.
mount_of() {
    mount=
    {
        while read -r key value; do
            [ "$key" = mnt_id: ] && mount=$value
        done </proc/self/fdinfo/3
    } 2>/dev/null 3<"$1"
}

# Looks while the disk is still being plugged in. The list of all mounts is long, and a shell reads it byte by byte; a
# folder that is on the same mount as the one above it is no place where anything is mounted.
mounted= mount=
if [ -d "$point" ]; then
    mount_of "$point/.."
    above=$mount
    mount_of "$point"
fi
if [ -z "$mount" ] || [ "$mount" != "$above" ]; then look_at "$escaped"; fi

tries=0
until find_disk "$serial" && [ -b "/dev/$disk" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 500 ]; then
        echo "the disk did not appear in the guest" >&2
        exit 64
    fi
    # It mostly takes a tenth of a second, of which somebody waits for each part.
    if [ "$tries" -lt 100 ]; then pause=0.01; else pause=0.05; fi
    sleep "$pause" 2>/dev/null || sleep 1
done

# Ends well. ext4 shows every filesystem that is mounted anywhere, so that whoever unmounts can see that nobody has it.
done_with() {
    [ -e "/sys/fs/ext4/$disk" ] && echo "shown $disk $number"
    exit 0
}

[ "$mounted" = "$number" ] && done_with
case $mounted in
"" | 0:*) ;;
*)
    # What is left of a disk that was taken away by force is in the way of everybody and of use to nobody.
    if [ ! -e "/sys/dev/block/$mounted" ]; then
        umount -l "$point"
        look_at "$escaped"
    fi
    ;;
esac
if [ -n "$mounted" ]; then
    echo "another filesystem is mounted there already" >&2
    exit 64
fi

[ -d "$point" ] || mkdir -p -- "$point" || exit 64
# Without a process of its own, each of which takes a guest without KVM hundredths of a second.
cd -P -- "$point" || exit 64
if [ "$PWD" != "$point" ]; then
    echo "the path leads through a symbolic link to $PWD; mount there instead" >&2
    exit 64
fi
cd /

complaint=$(mount -t ext4 -o "$options" "/dev/$disk" "$point" 2>&1) && done_with
case $options in
ro | ro,*)
    # A frozen layer whose guest was not quiet has a journal to replay, which a read-only disk cannot.
    if mount -t ext4 -o "$options,noload" "/dev/$disk" "$point" 2>/dev/null; then
        echo noload
        done_with
    fi
    ;;
esac
printf '%s\n' "$complaint" >&2
dmesg 2>/dev/null | grep -F "($disk)" | tail -n 2 >&2
exit 65
