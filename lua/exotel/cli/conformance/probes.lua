--- What a run asks the service, by name: functions of the run → what was seen, as exotel.cli.conformance.answer has it,
-- with what else a judge needs. All writes are on the scratch trunk, or make another one. An id is never guessed: it
-- might be that of somebody else's.
local M = {}

for _, area in ipairs { "account", "ips", "destinations", "credentials", "numbers" } do
  for name, probe in pairs(require("exotel.cli.conformance.probes." .. area)) do M[name] = probe end
end

return M
