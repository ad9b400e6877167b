# mkdir.sh … PATH: makes a folder, and those above it.
rest=$1/ here=
umask 022
while [ -n "$rest" ]; do
    enter "$here"
    name=${rest%%/*}
    rest=${rest#*/}
    if [ -n "$rest" ]; then
        is_there "$name" || mkdir -- "./$name" || exit 65
    else
        mkdir -- "./$name" || exit 65
    fi
    here=${here:+$here/}$name
done
enter "$here"
sync -f . 2>/dev/null || sync
