# delete.sh … all|empty PATH …: deletes files, links and folders; with `all` also what is in them.
how=$1
shift
for path; do
    split "$path"
    enter "$folder"
    is_there "$name" || {
        echo "there is no file or folder '$path'" >&2
        exit 66
    }
done
for path; do
    split "$path"
    enter "$folder"
    if ! is_folder "$name"; then
        rm -f -- "./$name" || exit 65
    elif [ "$how" = all ]; then
        rm -rf -- "./$name" || exit 65
    else
        rmdir -- "./$name" || exit 65
    fi
done
enter ""
sync -f . 2>/dev/null || sync
