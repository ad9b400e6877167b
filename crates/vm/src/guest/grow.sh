# grow.sh SERIAL SECTORS: lets the filesystem on the disk take all of it, when the guest has seen that it has grown.
find_disk "$1" || {
    echo "the disk is not in the guest" >&2
    exit 64
}
command -v resize2fs >/dev/null || {
    echo "the guest has no resize2fs" >&2
    exit 69
}
tries=0
until read -r sectors <"/sys/block/$disk/size" && [ "$sectors" -ge "$2" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 400 ]; then
        echo "the guest did not see that the disk has grown" >&2
        exit 65
    fi
    sleep 0.05 2>/dev/null || sleep 1
done
complaint=$(resize2fs "/dev/$disk" 2>&1) && exit 0
printf '%s\n' "$complaint" >&2
exit 65
