#!/bin/sh
# Makes the site of the tree that it is run in, on the interpreter RUN_LUA with the core that LUA_CPATH finds, into
# build/site; after doc/tools/reference.sh items.
set -eu
work=build/site-source

run_lua() { env -u LUA_INIT LUA_PATH='lua/?.lua;lua/?/init.lua;?.lua;;' "$RUN_LUA" "$@"; }

rm -rf "$work" build/site
mkdir -p "$work"
run_lua doc/tools/site.lua build/reference-items.lua doc/site/mkdocs.yml "$work"
cp doc/site/theme/site.css "$work/docs/"
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}" mkdocs build --quiet --strict --config-file "$work/mkdocs.yml"
# The search's worker and index as a script: see doc/site/theme/main.html.
run_lua doc/tools/site/offline.lua build/site
run_lua doc/tools/site/check.lua build/site
