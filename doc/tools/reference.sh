#!/bin/sh
# Reads the comments of the tree that it is run in, with the core that LUA_CPATH finds:
#
#   doc/tools/reference.sh items          what they say, as data: build/reference-items.lua
#   doc/tools/reference.sh pages          build/reference, and the check of it; after items
#   doc/tools/reference.sh annotations F  what editors complete from, into the folder F; after items
set -eu
export HOME="${HOME:-/}" # ldoc ends without one

# This tree's modules, on the 5.4 that the tests are run by, unless RUN_LUA is another.
run_lua() { LUA_PATH='lua/?.lua;lua/?/init.lua;?.lua;;' "${RUN_LUA:-lua5.4}" "$@"; }
# Its words go to a log: they name no page's fault.
run_ldoc() {
  LUA_PATH="$PWD/doc/tools/?.lua;;" LUA_CPATH=';;' ldoc --config doc/config.ld --fatalwarnings "$@" . >build/ldoc.log
}

mkdir -p build
case $1 in
  items)
    rm -rf build/reference-source
    mkdir build/reference-source
    run_lua doc/tools/operations.lua build/reference-source
    REFERENCE_ITEMS="$PWD/build/reference-items.lua" run_ldoc --filter dump.write ;;
  pages)
    rm -rf build/reference
    run_ldoc --quiet --dir ../build/reference
    run_lua doc/tools/check.lua build/reference-items.lua build/reference ;;
  annotations)
    rm -rf "$2"
    run_lua doc/tools/annotations.lua build/reference-items.lua "$2" ;;
  *) echo "usage: $0 items|pages|annotations ..." >&2; exit 2 ;;
esac
