---@meta exotel.store

---Options of a file store.
---@class exotel.store.FileOptions
---@field path? string a file for this machine's processes; default: one of this user's own, below `XDG_RUNTIME_DIR`, else in a folder of his own below `TMPDIR` or /tmp. One that several users share has to be there, empty, with the permissions that they need

---Options of a Redis store.
---@class exotel.store.RedisOptions
---@field connect fun():table returns a connected client of Redis or Valkey, or nil and why there is none: any object with `:eval(script, number_of_keys, ...)` as lua-resty-redis and redis-lua have it. Give it a timeout of half a second. In nginx it is called for every use, and what it returned is put back by its `set_keepalive`
---@field prefix? string of the keys ("exotel:")

---What became of requests that were granted.
---@class exotel.store.Report
---@field lease integer what they were granted under; 0: they were sent without the store
---@field count integer
---@field used boolean false: they are given back
---@field age number seconds since the last of them ended

---What a client tells a store and wants of it besides.
---@class exotel.store.Details
---@field who? string a name of its own: who has one has his turn in the order of asking
---@field life? number seconds that what is granted counts if nothing is heard of it (60)
---@field reports? exotel.store.Report[]
---@field paused? number seconds for which the service says that nothing is left
---@field has_lost? boolean it knows of requests that the store has forgotten: nothing is granted for a minute

---What a store tells besides.
---@class exotel.store.Answer
---@field lease integer what was granted counts under it; it names it in reports
---@field left integer requests that would still be free
---@field born number changes when the store has lost what it knew
---@field learning number seconds for which nothing is granted, since the store has lost what it knew
---@field paused number seconds for which the service says that nothing is left

---A store.
---@class exotel.store.Store
local Store = {}

---Asks for requests to an account. What is granted counts for 60 seconds from now.
---Raises for wrong arguments.
---@param account string any name for what the limit is for; a client takes `account_sid@host`
---@param limit integer requests in any 60 seconds, of all that share it
---@param wanted integer
---@param details? exotel.store.Details what a client tells and wants besides
---@return integer? granted from 0 to `wanted`
---@return number|exotel.error.Error wait seconds until more is free, as far as is known; 0 when all was granted
---@return exotel.store.Answer? answer
function Store:lease(account, limit, wanted, details) end

---Takes a lock, unless somebody has it. It is free again when it is released, when its time has run out, and in a file store when the process that holds it has ended.
---Raises for wrong arguments.
---@param name string
---@param seconds number after which it is free unless it is renewed
---@return exotel.store.Lock? lock
---@return exotel.error.Error? err kind `conflict` when somebody has it: `host`, `user`, `process` and `since` (seconds since 1970) say who; else the store can't be had
function Store:lock(name, seconds) end

---A lock that is held. Its field `token` is a number that grows with each holder: what is written with it can be told from what an earlier holder writes late.
---@class exotel.store.Lock
local Lock = {}

---Keeps it for some time from now.
---@param seconds? number as many as before, if nil
---@return boolean? renewed true
---@return exotel.error.Error? err kind `conflict` when it was lost: its time had run out; else the store can't be had
function Lock:renew(seconds) end

---Releases it; harmless twice.
---@return boolean? released true
---@return exotel.error.Error? err as `renew`
function Lock:release() end

---What several processes and hosts share: the rate limit of an account, and locks. A store is an option of a client (`exotel.client { store = ... }`); it also works by itself.
---@class exotel.store
local M = {}

---A store for the processes of one machine: a small file with an advisory lock. It needs no server, and no care: a killed process leaves it as it was. The clock it counts by goes on while the machine sleeps, and nobody can set it.
---Raises for an unknown option or one of the wrong type.
---@param options? exotel.store.FileOptions
---@return exotel.store.Store? store
---@return exotel.error.Error? err kind `config`: the file can't be opened or made, is something else, or damaged
function M.file(options) end

---A store for several hosts, in Redis or Valkey. One script does the work, by Redis's clock; its keys expire by themselves. It connects when it is first used.
---Raises for an unknown option or one of the wrong type.
---@param options exotel.store.RedisOptions
---@return exotel.store.Store store
function M.redis(options) end

return M
