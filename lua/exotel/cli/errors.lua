--- Errors of the command itself, raised as tables and shown by exotel.cli. Those of the library are raised as they are.
local M = {}

--- Exit statuses; an interruption ends by its signal (130, 143).
M.status = { done = 0, failed = 1, drift = 2, partly = 3, usage = 64 }

local metatable = { __tostring = function(self) return self.message end }

local function raise(status, kind, format, ...)
  error(setmetatable({ status = status, kind = kind, message = format:format(...) }, metatable), 0)
end

--- Raises an error: what is wrong, and what to do about it. `...`: as for string.format.
function M.fail(format, ...) raise(M.status.failed, "failed", format, ...) end

--- The same, for a wrong command line.
function M.usage(format, ...) raise(M.status.usage, "usage", format, ...) end

--- The same, for credentials, region or a profile.
function M.config(format, ...) raise(M.status.failed, "config", format, ...) end

--- The same, for a name that nothing has.
function M.not_found(format, ...) raise(M.status.failed, "not_found", format, ...) end

--- The same, for a name that several things have.
function M.ambiguous(format, ...) raise(M.status.usage, "ambiguous", format, ...) end

local of_files = { __tostring = metatable.__tostring }

--- Raises what is wrong with files: an array of problems, of which each is shown.
function M.files(problems)
  local kind = problems[1].rule == "file" and "config" or "invalid_argument"
  error(setmetatable({
    status = M.status.failed, kind = kind, message = tostring(problems[1]), problems = problems,
    field = problems[1].field,
  }, of_files), 0)
end

--- Raises what is wrong with arguments of the command line: an array of problems, of which each is shown.
function M.arguments(problems)
  error(setmetatable({
    status = M.status.usage, kind = "invalid_argument", message = problems[1].message, problems = problems,
    field = problems[1].field,
  }, of_files), 0)
end

--- Returns its arguments; raises the second one when the first is nil. Lua 5.1's assert takes no error objects.
function M.assert(value, err, ...)
  if value == nil then error(err, 0) end
  return value, err, ...
end

return M
