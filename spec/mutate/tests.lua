--- Which tests are to notice a mutant: those that belong to its file first, then all others, then the proofs. A job is
-- one of spec/run; a spec of an area that belongs closest to the file goes before the area.
local M = {}

local LUA, CLI = "lua5.4-plain/", "lua5.3-plain/"

-- The first prefix that fits counts.
local own = {
  { "csrc/sandbox/", "sandbox", "client" },
  { "csrc/exotel/transport/tls_conflict", "hosts/gnutls" },
  { "csrc/exotel/transport/curl_stream", "hosts/sip", "sip" },
  { "csrc/exotel/transport/", "c", "client/transport", "client/tls", "client" },
  { "csrc/exotel/sip/", "sip", "c" },
  { "csrc/lua/sip/", "sip" },
  { "csrc/lua/socket", "sip", "hosts/sip" },
  { "csrc/lua/stream", "hosts/sip", "sip" },
  { "csrc/exotel/engine/budget", "c", "client/shared_limit" },
  { "csrc/exotel/engine/retry", "c", "client/retries", "client/retry_waits", "client" },
  { "csrc/exotel/engine/rate", "c", "client/rate_limit", "client" },
  { "csrc/exotel/engine/", "c", "client/engine", "client/scheduler", "client/secrets", "client" },
  { "csrc/exotel/directory/", "c", "directory" },
  { "csrc/exotel/base/shared_file", "c", "client/store" },
  { "csrc/exotel/base/moment", "c", "directory" },
  { "csrc/exotel/base/file", "c", "bulk/results_file", "bulk/results", "cli/files" },
  { "csrc/exotel/base/config", "c", "client/options", "client" },
  { "csrc/exotel/api/redact", "c", "client/secrets", "client" },
  { "csrc/exotel/api/e", "c", "client/envelope", "client" },
  { "csrc/exotel/", "c", "client/arguments", "client/json", "client" },
  { "csrc/lua/version_check", "packaging/lua_versions" },
  { "csrc/lua/directory", "c", "directory" },
  { "csrc/lua/lua_", "c", "provision/hostile_files", "provision/files", "client" },
  { "csrc/lua/", "c", "client/arguments", "client/json", "client/options", "client/engine", "client" },
  { "lua/exotel/calls/nginx", "client/nginx_pump", "hosts/nginx", "hosts/openresty" },
  { "lua/exotel/directory/keeper", "hosts/nginx_directory" },
  { "lua/exotel/directory", "directory" },
  { "lua/exotel/kamailio/refresh", "hosts/kamailio_directory" },
  { "lua/exotel/kamailio", "client/kamailio", "hosts/kamailio", "hosts/kamailio_failures" },
  { "lua/exotel/sandbox", "sandbox" },
  { "lua/exotel/provision", "provision" },
  { "lua/exotel/bulk", "bulk" },
  { "lua/exotel/client", "client/batch", "client/removal", "client" },
  { "lua/exotel/cli/conformance/journal", "cli/conformance" },
  { "lua/exotel/cli/conformance/", "cli/conformance_facts", "cli/conformance_run", "cli/conformance" },
  { "lua/exotel/cli/commands/conformance", "cli/conformance" },
  { "lua/exotel/cli", "cli" },
  { "lua/exotel/trunk", "trunk" },
  { "lua/exotel/resources/ensure", "trunk", "provision" },
  { "lua/exotel/resources/", "provision", "trunk" },
  { "lua/exotel/store", "client/store", "client/shared_limit" },
  { "lua/exotel/calls/budget", "client/shared_limit", "client" },
  { "lua/exotel/calls/together", "trunk/overview", "cli/status" },
  { "lua/exotel/calls/pages", "client/each", "client/moving_lists", "client" },
  { "lua/exotel/calls/removal", "client/removal", "client" },
  { "lua/exotel/calls/settle_wait", "client/settle_wait", "trunk", "client" },
  { "lua/exotel/calls/later", "client/later", "client" },
  { "lua/exotel/calls/", "client/waiting", "client/batch", "client/left_calls", "client", "trunk", "bulk" },
  { "lua/exotel/sip", "sip", "hosts/sip" },
  { "lua/exotel/overview", "trunk/overview", "cli/status" },
  { "lua/exotel/json", "client/json", "client" },
  { "lua/exotel/", "client/errors", "client/batch", "client" },
  { "bin/exotel", "cli" },
}

local all = { "c", "client", "sip", "trunk", "directory", "provision", "bulk", "sandbox", "cli", "docs", "hosts", "packaging",
  "architecture" }

local function own_parts(path)
  for _, row in ipairs(own) do
    if path:sub(1, #row[1]) == row[1] then return { table.unpack(row, 2) } end
  end
  return {}
end

--- → the job that runs an area, or one spec of it: "client", "client/tls"
function M.job(part)
  local area, spec = part:match("^(.-)/(.*)$")
  local job = (part:find("^cli%f[/%z]") and CLI or LUA) .. (area or part)
  return spec and ("%s -- spec/%s/%s_spec.lua"):format(job, area, spec) or job
end

-- → jobs of parts, without those that are known, which are noted
local function jobs_of(parts, known)
  local jobs = {}
  for _, part in ipairs(parts) do
    if not known[part] then jobs[#jobs + 1] = M.job(part) end
    known[part] = true
  end
  return jobs
end

-- Tests of C see nothing of a Lua file.
local function others(path)
  if not path:find("^lua/") then return all end
  return { table.unpack(all, 2) }
end

--- → the jobs for a file, in order. `depth`: "own", "all" or "proofs", each more than the one before.
function M.jobs(path, depth)
  local known = {}
  local jobs = jobs_of(own_parts(path), known)
  if depth == "own" and #jobs > 0 then return jobs end
  table.move(jobs_of(others(path), known), 1, #all, #jobs + 1, jobs)
  if depth ~= "all" then jobs[#jobs + 1] = LUA .. "proofs" end
  return jobs
end

return M
