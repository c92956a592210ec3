#!/usr/bin/env bash
# Installs the Debian packages in a bare system, tries them as an ordinary user, and removes them: as root, in a system
# that is made for it (spec/releases). Ends at the first thing that is wrong.
#
#   installed.sh FOLDER VERSION     FOLDER: where the packages are
# shellcheck disable=SC2016 # other shells expand what they are given
set -euo pipefail
umask 077
packages=$1 version=$2
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

fail() { echo "FAILED: $1" >&2; exit 1; }
says() { # what is expected, command ...
  local output
  output=$("${@:2}" 2>&1) || fail "${*:2}: status $?: $output"
  case $output in *"$1"*) echo "ok: ${*:2}" ;; *) fail "${*:2} doesn't say $1: $output" ;; esac
}
# What the command keeps for its user is in these folders, and stays when the packages go.
home=/tmp/home
as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups env HOME="$home" TMPDIR="$home" "$@"; }
apt() { apt-get --yes "$@" >>/tmp/apt.log 2>&1 </dev/null || { tail -n 20 /tmp/apt.log; fail "apt-get $*"; }; }

debs() { for name in "$@"; do echo "$packages/${name}_$version"-*.deb; done; }

# Whatever of ours is in the system.
ours() {
  find / -xdev '(' -path "$packages" -o -path "$home" -o -path /proc -o -path /sys -o -path /dev ')' -prune \
    -o -iname '*exotel*' -print
}
nothing_left() { # after what
  local left
  left=$(ours)
  [ -z "$left" ] || fail "after $1 there is still: $left"
  if dpkg-query --show 2>/dev/null | grep exotel; then fail "after $1 dpkg knows it still"; fi
  echo "ok: nothing is left after $1"
}

# ---- the library -----------------------------------------------------------------------------------------------------

cat >/tmp/main.lua <<'END'
local trunk = require "exotel.trunk"
local sb = assert(require("exotel.sandbox").start { tls = true })
local client = assert(sb:client())
local t = assert(trunk.create(client, { trunk_name = "installed" }))
assert(t:map_number("+919876543210", "flow"))
for number in t:numbers() do print(number.phone_number, number.mode) end
assert(t:delete())
END

# Nothing but the client, without the sandbox, and without a home.
cat >/tmp/alone.lua <<'END'
assert(not pcall(require, "exotel.sandbox"))
for _, name in ipairs {
  "bulk", "client", "directory", "error", "json", "kamailio", "overview", "provision", "sip", "store", "trunk",
} do
  require("exotel." .. name)
end
print(require("exotel").version)
END
chmod 644 /tmp/main.lua /tmp/alone.lua

install -d --owner=1000 --group=1000 "$home"
nothing_left 'a fresh start'
apt update
# shellcheck disable=SC2046 # paths without spaces
apt install --no-install-recommends $(debs lua-exotel)
apt install --no-install-recommends lua5.1 lua5.2 lua5.3 lua5.4 luajit
for lua in lua5.1 lua5.2 lua5.3 lua5.4 luajit; do says "$version" as_user "$lua" /tmp/alone.lua; done
# shellcheck disable=SC2046
apt install --no-install-recommends $(debs lua-exotel-sandbox)
for lua in lua5.1 lua5.2 lua5.3 lua5.4 luajit; do
  says $'+919876543210\tflow' as_user "$lua" /tmp/main.lua
  says 'is gone, with all that belonged to it' as_user "$lua" /usr/share/doc/lua-exotel/examples/demo.lua
done

# ---- the command -----------------------------------------------------------------------------------------------------

cat >/tmp/command.lua <<'END'
local sb = assert(require("exotel.sandbox").start())
local words = {}
for name, value in pairs(sb:environment()) do words[#words + 1] = name .. "='" .. value .. "'" end
local account = table.concat(words, " ")
for _, arguments in ipairs {
  "trunk create out", "number map out +919876543210", "trunk list", "export out", "doctor",
} do
  local status = os.execute("env " .. account .. " exotel " .. arguments)
  assert(status == true or status == 0, arguments)
end
print "all of it"
END
chmod 644 /tmp/command.lua

# With what it recommends: the sandbox is there, which it can start.
# shellcheck disable=SC2046
apt install $(debs exotel)
apt install --no-install-recommends man-db bash-completion zsh fish
says "exotel $version" as_user exotel --version
says 'exotel trunk create outbound_trunk' as_user exotel --help
says 'all of it' as_user lua5.4 /tmp/command.lua
says "EXOTEL_BASE_URL='http://127.0.0.1:" as_user bash -c 'coproc exotel sandbox
  while read -r line <&"${COPROC[0]}"; do echo "$line"; case $line in *BASE_URL=*) break ;; esac; done
  kill "$COPROC_PID"'
says 'exotel number map' as_user env MANWIDTH=200 man exotel
says "exotel $version" as_user env MANWIDTH=200 man exotel
says 'exotel (1)' man -f exotel
says '_exotel' as_user bash -c '. /usr/share/bash-completion/bash_completion
  _completion_loader exotel
  complete -p exotel'
says '_exotel' as_user zsh -fc 'autoload -Uz compinit; compinit -u -D; print -r -- $_comps[exotel]'
says 'trunk' as_user fish -c 'complete -C "exotel tru"'

# ---- what the packages have ------------------------------------------------------------------------------------------

NAMES=(lua-exotel lua-exotel-sandbox exotel)
dpkg --verify "${NAMES[@]}" || fail 'files differ from those of the packages'
dpkg --listfiles "${NAMES[@]}" | grep . | sort -u | while read -r file; do
  as_user test -r "$file" || fail "$file can't be read by all"
  [ "$(stat --format=%U:%G "$file")" = root:root ] || fail "$file belongs to somebody else"
done
for file in $(dpkg --listfiles lua-exotel | grep -F '/core.so'); do
  case $file in /usr/lib/*-linux-gnu*/lua/*) ;; *) fail "$file is not where one architecture's files belong" ;; esac
done
for name in "${NAMES[@]}"; do says "## $version" zcat "/usr/share/doc/$name/changelog.gz"; done

# ---- removing --------------------------------------------------------------------------------------------------------

apt remove exotel
if as_user sh -c 'command -v exotel' >/dev/null; then fail 'the command is still there'; fi
says $'+919876543210\tflow' as_user lua5.3 /tmp/main.lua
apt purge lua-exotel lua-exotel-sandbox
nothing_left 'apt-get purge'

# By dpkg alone, now that what they depend on is there; twice, as after an upgrade.
for _ in 1 2; do
  # shellcheck disable=SC2046
  dpkg --install $(debs "${NAMES[@]}") >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; fail 'dpkg --install'; }
done
says "exotel $version" as_user exotel --version
says $'+919876543210\tflow' as_user luajit /tmp/main.lua
dpkg --remove "${NAMES[@]}" >/dev/null
nothing_left 'dpkg --remove'
echo 'All of it is well.'
