-- At the edges: a signal before a write, what is not known, messages that would move a terminal.
local child = require "spec.support.child"
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function() command.one_trunk(sb) end)

describe("Ctrl-C that comes between a question and the write", function()
  it("keeps the write from beginning, and says that nothing was changed", function()
    local text, status = child.run [[
      local signals = require "exotel.cli.terminal.signals"
      local posix_signal, unistd = require "posix.signal", require "posix.unistd"
      signals.install()
      posix_signal.kill(unistd.getpid(), posix_signal.SIGINT)
      local began = false
      local good, reason = pcall(signals.during_write, function() return "it" end, function() began = true end)
      print(good, began, signals.is_interrupt(reason), tostring(reason))
    ]]
    assert.equal(0, status, text)
    assert.equal("false\tfalse\ttrue\tinterrupted: nothing was changed\n", text)
  end)

  it("is told as such after a write, too", function()
    local text = child.run [[
      local signals = require "exotel.cli.terminal.signals"
      local posix_signal, unistd = require "posix.signal", require "posix.unistd"
      signals.install()
      signals.during_write(function() return "it" end, function() return true end)
      posix_signal.kill(unistd.getpid(), posix_signal.SIGINT)
      local _, reason = pcall(signals.check)
      print(tostring(reason))
    ]]
    assert.equal("interrupted: nothing was changed\n", text)
  end)
end)

describe("Ctrl-C that comes together with an answer", function()
  it("counts, and the answer doesn't", function()
    local text, status = child.run [[
      local poll, posix_signal, unistd = require "posix.poll", require "posix.signal", require "posix.unistd"
      local prompt, signals = require "exotel.cli.terminal.prompt", require "exotel.cli.terminal.signals"
      signals.install()
      function poll.rpoll()
        posix_signal.kill(unistd.getpid(), posix_signal.SIGINT)
        return 1
      end
      local good, reason = pcall(prompt.confirm, "Remove it?")
      print(good, signals.is_interrupt(reason), tostring(reason))
    ]]
    assert.equal(0, status, text)
    assert.equal("Remove it? [y/N] false\ttrue\tinterrupted: nothing was changed\n", text)
  end)
end)

describe("what is not known", function()
  for _, arguments in ipairs { "trunk show nowhere", "trunk delete --yes sid:trmum1nowhere", "number find +919876543210",
    "number unmap --yes out +919876543210", "destination remove --yes out id:77" } do
    it("is status 1, a call that is right: " .. arguments, function()
      command.run(sb, arguments):says(1, "")
    end)
  end
end)

describe("a message", function()
  it("reaches a terminal as text, whatever was named", function()
    for _, arguments in ipairs { "--profile 'a\27[2J' trunk list", "trunk show 'a\27[2J'", "plan 'a\27[2J.lua'" } do
      local result = command.run(sb, arguments)
      assert.not_equal(0, result.status)
      assert.is_nil(result.err:find("\27", 1, true), result.err)
    end
  end)
end)
