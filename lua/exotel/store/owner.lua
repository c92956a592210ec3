--- Who holds a lock, as one line of words that goes into a store, and as what is told to others.
local core = require "exotel.core"
local errors = require "exotel.error"
local words = require "exotel.store.words"

local M = {}

--- → this process, as it is kept with a lock
function M.text()
  local host, user, process, birth = core.process()
  local _, _, since = core.shared_clock()
  return table.concat({ words.escape(host), words.escape(user), ("%.0f"):format(process), ("%.0f"):format(since),
    words.escape(birth ~= "" and birth or "?") }, " ")
end

-- → { host, user, process, since, birth }; what can't be read is unknown
local function read(text)
  local host, user, process, since, birth = text:match("^(%S+) (%S+) (%d+) (%d+) (%S+)$")
  if not host then return { host = "?", user = "?", process = 0, since = 0, birth = "?" } end
  return {
    host = words.unescape(host), user = words.unescape(user), process = tonumber(process), since = tonumber(since),
    birth = words.unescape(birth),
  }
end

--- Whether that process certainly runs no more.
function M.is_gone(text)
  local owner = read(text)
  return core.process_is_gone(owner.host, owner.process, owner.birth)
end

--- → the err that says who holds a lock: of kind "conflict", with `host`, `user`, `process` and `since`
function M.conflict(name, text)
  local owner = read(text)
  return errors.new {
    kind = "conflict", operation = "lock", host = owner.host, user = owner.user, process = owner.process,
    since = owner.since, retryable = true,
    message = ("%s is locked by %s on %s (process %.0f) since %s"):format(name, owner.user, owner.host, owner.process,
      os.date("!%Y-%m-%d %H:%M:%S UTC", owner.since)),
  }
end

return M
