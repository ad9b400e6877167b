# rename.sh … FROM TO: gives something another name or folder; nothing is replaced.
split "$2"
target=$folder target_name=$name
enter "$target"
if is_there "$target_name"; then
    echo "there is something called '$2' already" >&2
    exit 68
fi
split "$1"
enter "$folder"
is_there "$name" || {
    echo "there is no file or folder '$1'" >&2
    exit 66
}
mv -- "./$name" "$point/${target:+$target/}$target_name" || exit 65
enter "$target"
sync -f . 2>/dev/null || sync
