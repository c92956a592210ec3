--- One poll of a client, after which its log is told what happened.
local core = require "exotel.core"
local left_behind = require "exotel.calls.left_behind"
local tell_log = require "exotel.calls.log"

-- Read before exotel.client puts the public method in its place.
local core_poll = core.client_methods.poll

--- poll(client, seconds, log) → how many calls are unfinished.
return function(client, seconds, log)
  left_behind.cancel(client)
  local unfinished = core_poll(client, seconds)
  tell_log(client, log)
  return unfinished
end
