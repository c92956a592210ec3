--- file_lock(descriptor): waits until this process alone has the lock of an open file, which ends with the descriptor.
-- Ctrl-C ends the wait. Where there are no locks it goes on without one.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local signals = require "exotel.cli.terminal.signals"

local WHOLE = { l_type = fcntl.F_WRLCK, l_whence = 0, l_start = 0, l_len = 0 }

return function(descriptor)
  while true do
    local good, _, code = fcntl.fcntl(descriptor, fcntl.F_SETLKW, WHOLE)
    if good or code ~= errno.EINTR then return end
    signals.check()
  end
end
