--- One field of a number in LuaJIT. It compiles no call of a function that was registered with Lua; one by its FFI it
-- does, which makes the look-up three times as fast.
local core = require "exotel.core"

local DECLARATION = "const struct { int32_t length; char bytes[1]; } *(*)(void *, const char *, size_t, int)"

-- The order is that of csrc/lua/directory.c.
local FIELDS = { trunk_sid = 0, trunk_name = 1, mode = 2, id = 3, phone_number = 4 }

-- Without its compiler a call by the FFI is slow.
local jit = rawget(_G, "jit")
local is_compiled = jit ~= nil and jit.status() and pcall(require, "ffi")

local M = {}

local function compiled(ffi, slow)
  local find, text_of = ffi.cast(DECLARATION, core.directory_internals.quick_number), ffi.string
  local metatable = core.directory_internals.metatable
  return function(self, number, field)
    local index = FIELDS[field or false]
    local is_usual = index and type(number) == "string" and getmetatable(self) == metatable
    if not is_usual then return slow(self, number, field) end
    local answer = find(self, number, #number, index)
    if answer.length >= 0 then return text_of(answer.bytes, answer.length) end
    if answer.length < -1 then return slow(self, number, field) end
    return nil
  end
end

--- quick.method(slow) → the method Directory:number: `slow` itself, or one that leaves to it whole entries, and what
-- raises.
function M.method(slow) return is_compiled and compiled(require "ffi", slow) or slow end

return M
