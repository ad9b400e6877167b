# unmount.sh SERIAL PATH ESCAPED-PATH whole|lazy: writes everything to the disk and unmounts it; says who keeps it busy.
# `lazy` takes it out of the tree whoever uses it.
serial=$1 point=$2 escaped=$3 how=$4

# /proc/PID/… → PID
pids_of_paths() {
    while IFS=/ read -r _ _ pid _; do echo "$pid"; done
}

# PID → "holder PID NAME"
name_holders() {
    while read -r pid; do
        name=
        read -r name 2>/dev/null <"/proc/$pid/comm" || :
        printf 'holder %s %s\n' "$pid" "$name"
    done
}

# Whether somebody unmounts something at this moment, as for an engine that was killed meanwhile.
umount_at_work() {
    for file in /proc/[0-9]*/comm; do
        name=
        read -r name 2>/dev/null <"$file" || :
        [ "$name" = umount ] && return 0
    done
    return 1
}

# Waits for them; answers whether there was anybody.
wait_for_umounts() {
    waited=1
    tries=0
    while [ "$tries" -lt 300 ] && umount_at_work; do
        waited=0
        tries=$((tries + 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
    return $waited
}

find_disk "$serial" || exit 0

# ext4 shows every filesystem here that is mounted anywhere, also where only other processes see it.
everywhere=/sys/fs/ext4/$disk
[ -e "$everywhere" ] || everywhere=

look_at "$escaped"
if [ "$mounted" = "$number" ]; then
    if [ "$how" = lazy ]; then
        sync -f "$point" 2>/dev/null || sync
        umount -l "$point" || exit 65
        sync
        exit 0
    fi
    # It writes everything back first. Two at once are in each other's way.
    if ! complaint=$(umount "$point" 2>&1); then
        if wait_for_umounts; then umount "$point" 2>/dev/null; fi
        look_at "$escaped"
        if [ "$mounted" = "$number" ]; then
            case $complaint in
            *busy*) ;;
            *)
                printf '%s\n' "$complaint" >&2
                exit 65
                ;;
            esac
            while read -r _ _ _ _ where _; do
                case $where in "$escaped"/*) printf 'inside %s\n' "$where" ;; esac
            done </proc/self/mountinfo
            {
                # shellcheck disable=SC2012 # one process for all links; find has no portable way to print targets
                ls -l /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd/* 2>/dev/null |
                    while read -r line; do
                        rest=${line#* /proc/}
                        case ${rest#* -> } in
                        "$point" | "$point"/*) echo "${rest%%/*}" ;;
                        esac
                    done
                grep -l -F -e " $point/" /proc/[0-9]*/maps 2>/dev/null | pids_of_paths
            } | sort -u -n | head -n 100 | name_holders
            exit 75
        fi
    fi
fi

[ "$how" = lazy ] && exit 0
# The kernel has let go of it: nobody has it mounted, and no process needs to be asked.
[ -n "$everywhere" ] && [ ! -e "$everywhere" ] && exit 0

# The disk may be mounted at other places too, or for processes with mounts of their own (containers), and must not
# be unplugged then.
status=0
while read -r _ _ device _ where _; do
    if [ "$device" = "$number" ]; then
        printf 'elsewhere %s\n' "$where"
        status=75
    fi
done </proc/self/mountinfo
others=$(grep -l -F -e " $number " /proc/[0-9]*/mountinfo 2>/dev/null | pids_of_paths)
if [ -n "$others" ]; then
    printf '%s\n' "$others" | head -n 100 | name_holders
    status=75
fi
if [ "$status" = 0 ] && [ -n "$everywhere" ]; then
    # Nobody sees it, and the kernel has it still: it is being written back, or was taken out of the tree with files open.
    wait_for_umounts
    tries=0
    while [ -e "$everywhere" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 20 ]; then
            echo open
            exit 75
        fi
        sleep 0.1 2>/dev/null || sleep 1
    done
fi
exit $status
