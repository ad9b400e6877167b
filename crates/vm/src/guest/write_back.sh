# write_back.sh PATH …: has what was written to the filesystems at these paths on their disks, as far as it can.
for point; do
    sync -f "$point" 2>/dev/null || sync
done
