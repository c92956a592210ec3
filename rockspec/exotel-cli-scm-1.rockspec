rockspec_format = "3.0"
package = "exotel-cli"
version = "scm-1"

description = {
  summary = "The command exotel: SIP trunks on Exotel from the shell",
  detailed = [[
Trunks, phone numbers, IPs, destinations, settings and credentials from the shell; plan, apply, export and check for
provisioning by files; a sandbox, and a doctor that says what is wrong.]],
  license = "MIT",
}

-- No address yet: `luarocks make` builds the folder it is run in and never looks at it.
source = { url = "." }

supported_platforms = { "unix" }

dependencies = {
  "lua >= 5.1, < 5.6",
  "exotel",
  "argparse >= 0.7",
  "luaposix >= 33",
}

-- Not "builtin": that installs the whole of lua/ with every rock.
build = {
  type = "make",
  build_pass = false,
  install_target = "install-cli-lua",
  variables = { SHARE_DIR = "$(LUADIR)" },
  install = { bin = { exotel = "bin/exotel" } },
  copy_directories = {}, -- doc/ is the library's
}
