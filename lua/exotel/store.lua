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
-- with `:eval(script, number_of_keys, ...)` as lua-resty-redis and redis-lua have it. Give it a timeout of half a
-- second. In nginx it is called for every use, and what it returned is put back by its `set_keepalive`
-- @tfield[opt="exotel:"] string prefix of the keys

--- A store for several hosts, in Redis or Valkey. One script does the work, by Redis's clock; its keys expire by
-- themselves. It connects when it is first used.
-- @tparam exotel.store.RedisOptions options
-- @treturn exotel.store.Store store
-- @raise for an unknown option or one of the wrong type
function M.redis(options) return redis.new(options) end

--- What became of requests that were granted.
-- @table Report
-- @tfield integer lease what they were granted under; 0: they were sent without the store
-- @tfield integer count
-- @tfield boolean used false: they are given back
-- @tfield number age seconds since the last of them ended

--- What a client tells a store and wants of it besides.
-- @table Details
-- @tfield[opt] string who a name of its own: who has one has his turn in the order of asking
-- @tfield[opt=60] number life seconds that what is granted counts if nothing is heard of it
-- @tfield[opt] exotel.store.Report[] reports
-- @tfield[opt] number paused seconds for which the service says that nothing is left
-- @tfield[opt] boolean has_lost it knows of requests that the store has forgotten: nothing is granted for a minute

--- What a store tells besides.
-- @table Answer
-- @tfield integer lease what was granted counts under it; it names it in reports
-- @tfield integer left requests that would still be free
-- @tfield number born changes when the store has lost what it knew
-- @tfield number learning seconds for which nothing is granted, since the store has lost what it knew
-- @tfield number paused seconds for which the service says that nothing is left

--- A store.
-- @type Store

--- Asks for requests to an account. What is granted counts for 60 seconds from now.
-- @function Store:lease
-- @tparam string account any name for what the limit is for; a client takes `account_sid@host`
-- @tparam integer limit requests in any 60 seconds, of all that share it
-- @tparam integer wanted
-- @tparam[opt] exotel.store.Details details what a client tells and wants besides
-- @treturn integer granted from 0 to `wanted`
-- @treturn number wait seconds until more is free, as far as is known; 0 when all was granted
-- @treturn exotel.store.Answer answer
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
