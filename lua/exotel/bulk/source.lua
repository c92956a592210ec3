--- Where numbers are read from: a file, or what comes through a pipe, which is kept since it is read more than once.
local M = {}

local PIECE = 64 * 1024

-- → a file without a name that holds the rest of `file`, or nil, message
local function keep(file)
  local copy, message = io.tmpfile()
  if not copy then return nil, message end
  while true do
    local piece, trouble = file:read(PIECE)
    if not piece then return not trouble and copy or nil, trouble end
    local good, reason = copy:write(piece)
    if not good then return nil, reason end
  end
end

local function name_of(subject) return type(subject) == "string" and subject or "standard input" end

local Source = {}
Source.__index = Source

--- Closes a file that was opened here.
function Source:close()
  if self.file and self.owned then self.file:close() end
  self.file = nil
end

--- source.open(subject) → { file, start = where its text begins, name }, or nil, message. `subject`: a path, or a file
-- open for reading, which stays open.
function M.open(subject)
  local file, message = subject, nil
  if type(subject) == "string" then file, message = io.open(subject, "rb") end
  if not file then return nil, message end
  local start, owned = file:seek("cur"), file ~= subject
  if start then return setmetatable({ file = file, start = start, name = name_of(subject), owned = owned }, Source) end
  local copy
  copy, message = keep(file)
  if owned then file:close() end
  if not copy then return nil, name_of(subject) .. ": " .. message end
  return setmetatable({ file = copy, start = 0, name = name_of(subject), owned = true }, Source)
end

return M
