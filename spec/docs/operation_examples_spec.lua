-- The examples of the operations' pages, in Lua, and the errors that these pages name.
local core = require "exotel.core"
local examples = require "doc.tools.operation_examples"
local sandbox = require "exotel.sandbox"

describe("the example of", function()
  local sb, client, sid, items

  before_each(function()
    sb = assert(sandbox.start())
    client = assert(sb:client())
    sid, items = examples.prepare(client)
    sb:reset_requests()
  end)
  after_each(function()
    client:close()
    sb:stop()
  end)

  for _, operation in ipairs(core.operations) do
    local example = assert(examples.operations[operation.name], operation.name)

    it(operation.name .. " calls it, and succeeds", function()
      assert.is_table((examples.run(example.lua, client, sid, items)))
      assert.equal(1, #sb:requests())
      assert.equal(operation.name, sb:requests()[1].operation)
    end)

    for _, failure in ipairs(example.fails or {}) do
      it(operation.name .. " fails when " .. failure.when, function()
        local _, data, err = examples.run("return " .. failure.lua, client, sid, items)
        assert.is_nil(data)
        assert.equal(operation.name, err.operation)
        assert.equal(failure.kind, err.kind, tostring(err))
        assert.equal(failure.code, err.code or err.failed[1].code)
      end)
    end
  end

  it("every operation is there, and no other", function()
    local names = {}
    for _, operation in ipairs(core.operations) do names[operation.name] = true end
    for name in pairs(examples.operations) do assert.is_true(names[name], name) end
  end)
end)
