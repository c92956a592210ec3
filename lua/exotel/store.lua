--- What several processes and hosts share: the rate limit of an account, and locks. A store is an option of a client
-- (`exotel.client { store = ... }`); it also works by itself.
-- @module exotel.store
local file = require "exotel.store.file"
local redis = require "exotel.store.redis"

local M = {}

--- Options of a file store.
-- @table FileOptions
-- @tfield[opt] string path a file for this machine's processes; default: one of this user's own, below
-- `XDG_RUNTIME_DIR`, else in a folder of his own below `TMPDIR` or /tmp. One that several users share has to be there,
-- empty, with the permissions that they need

--- A store for the processes of one machine: a small file with an advisory lock. It needs no server, and no care: a
-- killed process leaves it as it was. The clock it counts by goes on while the machine sleeps, and nobody can set it.
-- @tparam[opt] exotel.store.FileOptions options
-- @treturn exotel.store.Store store
-- @fails kind `config`: the file can't be opened or made, is something else, or damaged
-- @raise for an unknown option or one of the wrong type
function M.file(options) return file.new(options or {}) end

--- Options of a Redis store.
-- @table RedisOptions
-- @tfield fun():table connect returns a connected client of Redis or Valkey, or nil and why there is none: any object
-- with `:eval(script, number_of_keys, ...)` as lua-resty-redis and redis-lua have it. Give it a timeout of a second. In
-- nginx it is called for every use, and what it returned is put back by its `set_keepalive`
-- @tfield[opt="exotel:"] string prefix of the keys

--- A store for several hosts, in Redis or Valkey. One script does the work, by Redis's clock; its keys expire by
-- themselves. It connects when it is first used.
-- @tparam exotel.store.RedisOptions options
-- @treturn exotel.store.Store store
-- @raise for an unknown option or one of the wrong type
function M.redis(options) return redis.new(options) end

--- A store.
-- @type Store

--- Asks for requests to an account. What is granted counts for 60 seconds from now.
-- @function Store:lease
-- @tparam string account any name for what the limit is for; a client takes `account_sid@host`
-- @tparam integer limit requests in any 60 seconds, of all that share it
-- @tparam integer wanted
-- @treturn integer granted from 0 to `wanted`
-- @treturn number wait seconds until more is free, as far as is known; 0 when all was granted
-- @fails the store can't be had
-- @raise for wrong arguments

--- Takes a lock, unless somebody has it. It is free again when it is released, when its time has run out, and in a file
-- store when the process that holds it has ended.
-- @function Store:lock
-- @tparam string name
-- @tparam number seconds after which it is free unless it is renewed
-- @treturn exotel.store.Lock lock
-- @fails kind `conflict` when somebody has it: `host`, `user`, `process` and `since` (seconds since 1970) say who; else
-- the store can't be had
-- @raise for wrong arguments

--- A lock that is held. Its field `token` is a number that grows with each holder: what is written with it can be told
-- from what an earlier holder writes late.
-- @type Lock

--- Keeps it for some time from now.
-- @function Lock:renew
-- @tparam[opt] number seconds as many as before, if nil
-- @treturn boolean renewed true
-- @fails kind `conflict` when it was lost: its time had run out; else the store can't be had

--- Releases it; harmless twice.
-- @function Lock:release
-- @treturn boolean released true
-- @fails as `renew`

return M
