--- The options of what makes text of a plan or report.
local checks = require "exotel.calls.options"

local M = {}

local WORDS = { plan = true, drift = true }

--- What a plan's text takes, and what a report's does.
M.plan = { fold = "boolean", command = "boolean", words = "string", origin = "boolean" }
M.report = { fold = "boolean", command = "boolean", plan = "table" }

--- text_options.checked(options, known) → the options, or none. Raises at the caller's caller for what is unknown.
function M.checked(options, known)
  options = options or {}
  checks.check(options, known, 3)
  if options.words and not WORDS[options.words] then
    error("bad option 'words' (\"plan\" or \"drift\" expected)", 3)
  end
  return options
end

return M
