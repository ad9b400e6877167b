# put.sh … FROM STAGING: copies the folder STAGING of the disk that is mounted at FROM into the volume, compares the sums
# of the copies, and moves what is in it to its places. What was there is untouched until all of it is there.
from=$1 staging=$2

# Nothing stays of what cannot be finished.
give_up() {
    cd -P -- "$point" && rm -rf -- "./$staging"
    exit 65
}

# Moves what is staged for the folder $1 to its places there. Folders that are there already are filled.
place() (
    enter "$1"
    for thing in "$point/$staging${1:+/$1}"/* "$point/$staging${1:+/$1}"/.[!.]* "$point/$staging${1:+/$1}"/..?*; do
        [ -e "$thing" ] || [ -L "$thing" ] || continue
        name=${thing##*/}
        if [ -d "$thing" ] && [ ! -L "$thing" ]; then
            if is_folder "$name"; then
                place "${1:+$1/}$name" || exit 65
                continue
            fi
            is_there "$name" && rm -f -- "./$name"
        elif [ -L "./$name" ]; then
            # What is moved onto a link to a folder would go into that folder.
            rm -f -- "./$name"
        elif [ -d "./$name" ]; then
            echo "'${1:+$1/}$name' has become a folder" >&2
            exit 65
        fi
        mv -f -- "$thing" "./$name" || exit 65
    done
)

enter ""
rm -rf -- "./$staging"
cp -a -- "$from/$staging" "./$staging" || give_up
sync -f . 2>/dev/null || sync
cd -P -- "./$staging" || give_up
if [ -s "$from/sums" ] && ! sha256sum -c "$from/sums" >/dev/null 2>&1; then
    echo "what has arrived is not what was sent" >&2
    give_up
fi
place "" || give_up
enter ""
rm -rf -- "./$staging"
sync -f . 2>/dev/null || sync
