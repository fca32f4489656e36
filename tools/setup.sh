# Sourced by ./run, ./test, ./bench and .ci/run: what they need is there, and they say what they do.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
give_up() { printf '%s\n' "$@" >&2; exit 1; }

# A home that cannot be written (or none) is replaced by a folder of the build: ccache, npm and
# Chromium all keep things there.
use_a_writable_home() {
    mkdir -p build 2>/dev/null || give_up "Cannot write to $PWD. Clone cardea into a folder that is yours."
    local probe
    if [ -n "${HOME:-}" ] && probe=$(mktemp "$HOME/.cardea.XXXXXX" 2>/dev/null); then
        rm "$probe"
        return
    fi
    export HOME="$PWD/build/home"
    mkdir -p "$HOME"
}

# missing_packages GROUP…: the Debian packages of these groups that are not there yet.
missing_packages() {
    local installed group package command
    installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' 2>/dev/null | sed 's/\bii  \?/+/g') "
    while read -r group package command; do
        case " $* " in *" $group "*) ;; *) continue ;; esac
        [ -n "$command" ] && command -v "$command" >/dev/null && continue
        case "$installed" in *"+$package "*) continue ;; esac
        echo "$package"
    done < <(grep -v '^#' tools/packages.txt) | sort -u
}

# install_missing GROUP…: asks for sudo where it must, and never removes a package.
install_missing() {
    command -v dpkg-query >/dev/null || {
        [ -n "${CARDEA_NO_APT:-}" ] && return
        give_up "This is not Debian. Install what tools/packages.txt names (GCC 12, Boost 1.81, …) by your own means," \
            "then set CARDEA_NO_APT=1 and start again."
    }
    local packages as_root=()
    mapfile -t packages < <(missing_packages "$@")
    [ ${#packages[@]} -eq 0 ] && return
    local command="apt-get install --no-remove --no-install-recommends -y ${packages[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || give_up "These Debian packages are missing, and installing them needs root:" \
            "  ${packages[*]}" "There is no sudo here. Ask somebody who is root to run:" "  $command"
        as_root=(sudo)
        sudo -n true 2>/dev/null || [ -t 0 ] || give_up "These Debian packages are missing:" "  ${packages[*]}" \
            "sudo wants a password and there is no terminal to ask on. Run this, then start again:" "  sudo $command"
    fi
    refuse_old_boost "${packages[@]}"
    say "Installing ${#packages[@]} Debian packages: ${packages[*]}"
    "${as_root[@]}" apt-get update -q >build/apt.log 2>&1 || { tail -n 20 build/apt.log >&2
        give_up "apt-get update failed (whole output: build/apt.log)."; }
    # shellcheck disable=SC2086  # the command is words on purpose
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" $command >>build/apt.log 2>&1 || { tail -n 20 build/apt.log >&2
        give_up "Installing failed (whole output: build/apt.log). Nothing was removed. The command was:" "  $command"; }
}

refuse_old_boost() {
    case " $* " in *" libboost1.81-dev "*) ;; *) return 0 ;; esac
    local old
    old=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'libboost1.74-dev' 2>/dev/null | grep '^ii' || true)
    [ -z "$old" ] || give_up "libboost1.74-dev is installed, and Debian does not allow it beside libboost1.81-dev, which cardea needs." \
        "Nothing was changed. If nothing of yours needs the old one, remove it and start again:" \
        "  sudo apt-get remove libboost1.74-dev"
}

# configure PRESET [OPTION…]: only where there is no build folder yet; ninja runs CMake again when it must.
configure() {
    local preset=$1
    shift
    [ $# -eq 0 ] && [ -e "build/$preset/build.ninja" ] && return
    cmake --preset "$preset" "$@" >"build/$preset.log" 2>&1 || { tail -n 40 "build/$preset.log" >&2
        give_up "Configuring failed (whole output: build/$preset.log)."; }
}

# build PRESET [TARGET…]: one line of progress on a terminal, silence elsewhere.
build() {
    local preset=$1 quiet=--quiet
    shift
    [ -t 1 ] && quiet=
    # shellcheck disable=SC2086
    NINJA_STATUS="Building cardea: %f of %t steps " ninja -C "build/$preset" $quiet "$@" ||
        give_up "The build failed; the first error is above."
}

# install_node_packages: `npm ci` in each folder of tests/ that has a lock file, skipped when nothing changed.
install_node_packages() {
    local lock folder stamp
    for lock in tests/*/package-lock.json; do
        [ -e "$lock" ] || continue
        folder=$(dirname "$lock")
        stamp="$(sha256sum <"$lock") $(node --version)"
        [ "$(cat "$folder/node_modules/.cardea-stamp" 2>/dev/null)" = "$stamp" ] && continue
        say "Installing the Node packages of $folder"
        (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >&2) ||
            give_up "npm ci failed in $folder. It needs the network once."
        mkdir -p "$folder/node_modules"
        echo "$stamp" >"$folder/node_modules/.cardea-stamp"
    done
}
