--- As much of Kamailio as exotel.kamailio uses: a queue, variables, transactions and a log, all in this process. It shows
-- the pump's rules without a server; spec/hosts has the real one.
local core = require "exotel.core"

local Fake = {}
Fake.__index = Fake

local fake = {}

local function pv_of(self)
  return {
    get = function(name)
      if name == "$Tb" then return self.boot end
      if name:find("^%$mqv%(") then return self.taken end
      return self.variables[name]
    end,
    sets = function(name, value) self.variables[name] = value end,
    seti = function(name, value)
      self.variables[name] = value
      self.set[#self.set + 1] = name
    end,
  }
end

local function mqueue_of(self)
  return {
    mq_size = function() return #self.queue end,
    mq_add = function(queue, _, text)
      self.added_to = queue
      if self.full then return -1 end
      self.queue[#self.queue + 1] = text
      return 1
    end,
    mq_fetch = function(queue)
      if self.added_to ~= queue then return -1 end
      self.taken = table.remove(self.queue, 1)
      if not self.taken and self.on_empty then self.on_empty() end
      return self.taken and 1 or -1
    end,
  }
end

local function transactions_of(self)
  return {
    t_newtran = function() return self.transaction end,
    t_reply = function(code) self.replied = code end,
  }, {
    t_suspend = function()
      self.suspended = self.suspended + 1
      self.variables["$T(id_index)"], self.variables["$T(id_label)"] = 7, 8
      return 1
    end,
    t_continue = function(index, label, route) self.continued[#self.continued + 1] = { index, label, route } end,
  }
end

--- Puts a Kamailio in the place of the global KSR. → { boot, variables, set (the names that were set to numbers), queue,
-- errors, infos, warnings, suspended, continued, replied, transaction, full, on_empty (called when the queue was found empty) }, whose
-- fields may be changed
function fake.start()
  local self = setmetatable({
    boot = 1, variables = { ["$shv(exotel_pump)"] = core.now() }, set = {}, queue = {}, errors = {}, infos = {}, warnings = {},
    suspended = 0, continued = {}, transaction = 1,
  }, Fake)
  local tm, tmx = transactions_of(self)
  rawset(_G, "KSR", {
    pv = pv_of(self), mqueue = mqueue_of(self), tm = tm, tmx = tmx,
    err = function(text) self.errors[#self.errors + 1] = text end,
    warn = function(text) self.warnings[#self.warnings + 1] = text end,
    info = function(text) self.infos[#self.infos + 1] = text end,
  })
  return self
end

function fake.stop() rawset(_G, "KSR", nil) end

--- exotel.kamailio as a new process has it.
function fake.load()
  package.loaded["exotel.kamailio"] = nil
  return require "exotel.kamailio"
end

return fake
