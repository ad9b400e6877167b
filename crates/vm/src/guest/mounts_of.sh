# mounts_of.sh SERIAL: where the disk with this serial, its partitions, and the volumes of the device mapper on those
# have filesystems mounted that can be frozen, one place each.
find_disk "$1" || exit 69
devices=" $number "
for file in /sys/block/"$disk"/*/dev; do
    [ -r "$file" ] && read -r found <"$file" && devices="$devices$found "
done
# Volumes may stand on volumes.
for again in 1 2 3; do
    for slave in /sys/block/dm-*/slaves/*/dev; do
        [ -r "$slave" ] && read -r found <"$slave" || continue
        case $devices in *" $found "*) ;; *) continue ;; esac
        read -r found <"${slave%/slaves/*}/dev"
        case $devices in *" $found "*) ;; *) devices="$devices$found " ;; esac
    done
done
while read -r _ _ device _ where rest; do
    case $devices in *" $device "*) ;; *) continue ;; esac
    # The type stands behind a lone dash.
    type=${rest#* - }
    case ${type%% *} in ext[234] | xfs | btrfs | f2fs | jfs | reiserfs | nilfs2) ;; *) continue ;; esac
    # One place is enough to freeze a filesystem.
    case $seen in *" $device "*) continue ;; esac
    seen="$seen $device "
    printf '%s\n' "$where"
done </proc/self/mountinfo
