--- What people are told to do: in the words of the library's options, or of the command's.
local M = {}

-- How the library's messages tell to permit what a rule forbids.
local ALLOWANCE = '%(allow = { "([%w_]+)" } permits it%)'

M.library = {
  prune = "prune = true",
  full = "fold = false lists them",
  refusal = function(message) return message end,
}

M.command = {
  prune = "--prune",
  full = "--full lists them",
  refusal = function(message) return (message:gsub(ALLOWANCE, "(--allow %1 permits it)")) end,
}

return M
