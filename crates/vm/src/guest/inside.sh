# Sent before the scripts that change files of a mounted volume; their first arguments are SERIAL PATH ESCAPED-PATH.
# Whatever a guest has put there: the working directory is always a folder of the volume, and names are used in it only,
# so that no link leads elsewhere.
serial=$1 point=$2 escaped=$3
shift 3

find_disk "$serial" || {
    echo "the disk is not in the guest" >&2
    exit 64
}
look_at "$escaped"
[ "$mounted" = "$number" ] || {
    echo "the volume is not mounted at $point" >&2
    exit 64
}

# Makes the folder $1 of the volume the working directory.
enter() {
    cd -P -- "$point${1:+/$1}" 2>/dev/null || {
        echo "there is no folder '$1'" >&2
        exit 66
    }
    [ "$(pwd -P)" = "$point${1:+/$1}" ] || {
        echo "'$1' leads elsewhere by a symbolic link" >&2
        exit 67
    }
    # Something else may be mounted there.
    [ "$(stat -c %d . 2>/dev/null)" = "$volume" ] || {
        echo "'$1' is on another filesystem" >&2
        exit 67
    }
}

# Sets folder and name, of which the path $1 consists.
split() {
    name=${1##*/}
    folder=${1%/*}
    [ "$folder" = "$1" ] && folder=
    :
}

# Whether something is called $1 here, be it a link that leads nowhere.
is_there() { [ -e "./$1" ] || [ -L "./$1" ]; }
is_folder() { [ -d "./$1" ] && [ ! -L "./$1" ]; }

volume=$(stat -c %d "$point" 2>/dev/null)
