--- The commands, in the order in which help shows them, and what help says about all of them.
local M = {}

M.description = "Sets up and runs SIP trunks on Exotel."

--- Options of every command.
M.options = {
  { name = "--json", text = "Write JSON on standard output, and failures as an object on standard error." },
  { name = "-q --quiet", text = "Say nothing but what was asked for, and failures." },
  { name = "--account", value = "SID", text = "Go on only with this account; consent for a protected profile." },
  {
    name = "--profile", value = "NAME", complete = "profile",
    text = "The account: a profile of ~/.config/exotel/config.",
  },
  { name = "-v --verbose", text = "Show every request on standard error." },
}

M.more = [[
`exotel profile login` asks for the account, as the API settings page of the dashboard shows it, and
keeps it in ~/.config/exotel/config; or it comes from EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY,
EXOTEL_API_TOKEN and EXOTEL_REGION (mumbai or singapore). `exotel profile show` says which it is.

Exit status: 0 done, 1 failed, 2 drift found (plan --exit-code: changes), 3 partly done, 64 called wrongly.]]

M.examples = {
  "exotel profile login", "exotel doctor", "exotel trunk create outbound_trunk",
  "exotel number map outbound_trunk +919876543210",
  "exotel plan trunks.lua && exotel apply trunks.lua", "exotel help trunk create",
}

M.list = {}
for i, name in ipairs {
  "status", "trunk", "number", "ip", "destination", "alias", "setting", "credential", "directory", "plan", "apply",
  "export", "check", "validate", "fmt", "log", "profile", "sandbox", "doctor", "conformance",
  "completion", "man", "help",
} do
  M.list[i] = require("exotel.cli.commands." .. name)
end

return M
