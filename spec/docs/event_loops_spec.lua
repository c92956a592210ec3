-- The examples of the guide to event loops, in the loops themselves: 50 calls of 200 ms beside a heartbeat. Their Debian
-- packages are for Lua 5.4; what the descriptor does is tested on every Lua in spec/client/descriptor_spec.lua.
local child = require "spec.support.child"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"

local CALLS = 50
-- The service's time for a call, in seconds, and the heartbeat's.
local CALL, BEAT = 0.2, 0.01

local examples = {}
for _, block in ipairs(markdown.blocks("doc/guides/event-loops.md")) do
  if block.file then examples[block.file] = block.code end
end

-- Debian's copas is plain Lua, in the folder of 5.1.
local FOLDERS = "package.path = package.path .. ';/usr/share/lua/5.1/?.lua'\n"

if child.lua == "lua5.4" then
  describe("the guide to event loops #plain", function()
    local sb

    before_each(function()
      sb = assert(sandbox.start())
      sb:fault { on = "list_trunks", delay = CALL, times = CALLS }
    end)
    after_each(function() sb:stop() end)

    for _, loop in ipairs { "cqueues", "luv", "copas" } do
      it("has 50 calls at once beside a heartbeat in " .. loop, function()
        local output, status = child.run(FOLDERS .. examples["with_" .. loop .. ".lua"], sb:environment())
        assert.equal(0, status, output)
        local left, beats = output:match("^(%d+)%s+(%d+)\n$")
        assert.equal("0", left, output)
        assert.equal(CALLS, #sb:requests())
        -- It went on during the calls: no more than once a beat of all of them, one after the other.
        beats = tonumber(beats)
        assert.is_true(beats >= 5 and beats < CALLS * CALL / BEAT / 4, output)
      end)
    end
  end)
end
