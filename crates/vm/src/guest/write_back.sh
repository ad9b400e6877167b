# write_back.sh PATH …: has what was written to the filesystems at these paths on their disks, as far as it can.
# Twice: the first takes long when there is much, and what comes in meanwhile would be left for the moment that counts.
for _ in 1 2; do
    for point; do
        sync -f "$point" 2>/dev/null || sync
    done
done
