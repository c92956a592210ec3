-- A run of exotel conformance that does not go as it should: ended at any moment, refused, limited, without replies, with
-- a trunk that somebody else deletes. Whatever happens, what was made is deleted, or stands in the journal.
local conformance = require "spec.support.conformance"
local scratch = require "exotel.cli.conformance.scratch"

local NUMBER, of = conformance.NUMBER, conformance.of
local DONE = "HTTP 200, code 200"

local w

before_each(function() w = conformance.new() end)
after_each(function() w:close() end)

local function counts(found)
  local by = { holds = 0, differs = 0, ["not tried"] = 0 }
  for _, result in ipairs(found.results) do by[result.verdict] = by[result.verdict] + 1 end
  return by
end

-- Whatever stood in the journal at any time: names of the right form, and each before the trunk was asked for.
local function check_journal()
  local known = {}
  for _, trunks in ipairs(w.journal) do
    for _, trunk in ipairs(trunks) do known[trunk.name], known[trunk.other_name or ""] = true, true end
  end
  for _, request in ipairs(w.sb:requests()) do
    local name = request.operation == "create_trunk" and request.body:match('"trunk_name":"([^"]*)"')
    assert.is_true(not name or known[name] and name:find("^conf_%l%l%l%l%l%l%l%l$") ~= nil, name)
  end
end

describe("a run of conformance that is ended", function()
  it("after any of its requests leaves nothing, and says what was found", function()
    for limit = 0, 54, 2 do
      w.sb:reset_requests()
      local found = w:run(nil, { number = NUMBER, stopped = function() return #w.sb:requests() >= limit end })
      assert.equal("other", w:trunks(), limit)
      assert.equal("interrupted", found.ended)
      assert.same({}, found.left)
      assert.same({}, w.journal[#w.journal] or {})
      check_journal()
      assert.equal(limit > 0, found.is_begun)
      assert.is_true(#w.sb:requests() <= 60)
      if limit > 20 then assert.is_true(counts(found).holds > 10, limit) end
      assert.is_nil(of(found, "differs").deleted_trunk_404)
    end
  end)

  it("by what a mistake raises deletes what was made, and raises it", function()
    for at = 1, 60, 7 do
      local good, raised = pcall(w.run, w, nil, { number = NUMBER, progress = function(done)
        if done == at then error("a mistake", 0) end
      end })
      assert.same({ false, "a mistake" }, { good, raised })
      assert.equal("other", w:trunks(), at)
    end
  end)

  it("by a journal that can't be written makes nothing more", function()
    for failing = 1, 5 do
      local writes = 0
      local good, raised = pcall(w.run, w, nil, { journal = { write = function()
        writes = writes + 1
        if writes == failing then error("the disk is full", 0) end
      end } })
      assert.same({ false, "the disk is full" }, { good, raised })
      assert.equal("other", w:trunks(), failing)
    end
  end)
end)

describe("a run of conformance that gets no further", function()
  it("says what the account is refused for, and sends nothing else", function()
    for fault, ended in pairs {
      [{ status = 401 }] = "HTTP 401, code 401, error 1010 (Authorization failed)",
      [{ status = 403 }] = "HTTP 403, code 403, error 1003 (Authorization failed)",
      [{ status = 503, body = "<html>" }] = "HTTP 503, no JSON", [{ drop = true }] = "no answer (network)",
    } do
      w.sb:reset_requests()
      fault.on, fault.times = "*", true
      w.sb:fault(fault)
      local found = w:run()
      assert.same({ false, ended }, { found.is_begun, found.ended })
      -- libcurl itself repeats a read over a connection that was used before.
      assert.is_true(#w.sb:requests() <= (fault.drop and 2 or 1))
      assert.equal(counts(found)["not tried"], #found.results)
      w.sb:clear_faults()
    end
  end)

  it("tries what needs no trunk where none can be made", function()
    w.sb:fault { on = "create_trunk", status = 402 }
    local found = w:run()
    assert.equal("there is no scratch trunk: HTTP 402, code 402, error 402 (Payment required)", found.ended)
    assert.same({ "holds", "holds", "not tried" },
      { found.by.list_trunks.verdict, found.by.wrong_token.verdict, found.by.get_trunk.verdict })
    assert.equal(found.ended, found.by.get_trunk.reason)
    assert.equal(4, #w.sb:requests())
    assert.same({}, w.journal[#w.journal])
  end)

  it("takes another name where its own is taken, once", function()
    local duplicate = '{"http_code":200,"response":{"code":409,"status":"failure","error_data":{"code":1008},"data":null}}'
    w.sb:fault { on = "create_trunk", body = duplicate }
    assert.equal("holds", w:run().by.get_trunk.verdict)
    assert.equal("other", w:trunks())
    w.sb:fault { on = "create_trunk", body = duplicate, times = 2 }
    assert.equal("two names of eight random letters are both taken", w:run().ended)
    assert.same({}, w.journal[#w.journal])
  end)

  it("ends when the key is refused, or the service can't be reached any more", function()
    w.sb:fault { on = "whitelist_ip", status = 401 }
    assert.equal("the service refuses the key from here on", w:run().ended)
    w.sb:fault { on = "whitelist_ip", drop = true, times = 2, skip = 1 }
    local found = w:run()
    assert.equal("the service can't be reached (network)", found.ended)
    assert.equal("holds", found.by.whitelist.verdict)
    assert.equal("other", w:trunks())
  end)

  it("waits once where the rate limit is reached, and then ends", function()
    w.sb:fault { on = "whitelist_ip", status = 429, headers = { ["Retry-After"] = "0" } }
    local found = w:run()
    assert.is_nil(found.ended)
    assert.same({ "holds", "Retry-After in seconds" }, { found.by.retry_after.verdict, found.by.retry_after.seen })
    w.sb:fault { on = "whitelist_ip", status = 429, times = 3, headers = { ["Retry-After"] = "Thu, 01 Jan 2026 00:00:01 GMT" } }
    found = w:run()
    assert.equal("the account's requests are used up: wait a minute and run it again", found.ended)
    assert.same({ "differs", "Retry-After, but no number" }, { found.by.retry_after.verdict, found.by.retry_after.seen })
    w.sb:clear_faults()
    w.sb:fault { on = "whitelist_ip", status = 429 }
    assert.equal("no Retry-After", of(w:run(), "differs").retry_after)
    assert.equal("other", w:trunks())
  end)
end)

describe("a scratch trunk", function()
  it("whose creation is not answered is found by its name, and deleted", function()
    w.sb:fault { after = "create_trunk", drop = true }
    local found = w:run()
    assert.equal("there is no scratch trunk: no answer (network)", found.ended)
    assert.same({}, found.left)
    assert.equal("other", w:trunks())
  end)

  it("of which the answer has no sid is found by its name, and used", function()
    for _, body in ipairs { '{"trunk_name":"x"}', "<html>", '{"http_code":200,"response":{"code":200,"status":"success","data":{}}}' } do
      w.sb:fault { after = "create_trunk", body = body }
      local found = w:run()
      assert.is_nil(found.ended)
      assert.equal("holds", found.by.get_trunk.verdict)
      assert.equal("other", w:trunks())
    end
  end)

  it("that may still come to be stays in the journal, and the next run finds it", function()
    w.sb:fault { before = "create_trunk", late = 30, drop = true }
    local found = w:run()
    assert.equal(1, #found.left)
    assert.is_nil(found.left[1].sid)
    local kept = w.journal[#w.journal][1]
    assert.equal(found.left[1].name, kept.name)
    assert.equal("gone", scratch.delete_left(w.client, kept))
    w.sb:advance(60)
    assert.equal("other " .. kept.name, w:trunks())
    assert.equal("deleted", scratch.delete_left(w.client, kept))
    assert.equal("other", w:trunks())
  end)

  it("whose creation the service answers with a fault of its own is looked for", function()
    w.sb:fault { after = "create_trunk", status = 500 }
    assert.same({}, w:run().left)
    assert.equal("other", w:trunks())
    w.sb:fault { after = "create_trunk", status = 200, body = '{"http_code":200,"response":{"code":500,"status":"failure"}}' }
    assert.same({}, w:run().left)
    assert.equal("other", w:trunks())
    w.sb:fault { on = "create_trunk", status = 500 }
    assert.equal(1, #w:run().left)
  end)

  it("of a second one, unanswered, is told from the first of that name", function()
    w.sb:fault { after = "create_trunk", skip = 2, drop = true }
    local found = w:run { duplicates = "made" }
    assert.equal("the service answered no answer (network)", of(found, "not tried").duplicate_trunk)
    assert.equal("other", w:trunks())
    assert.same({}, found.left)
  end)

  it("that can't be deleted is named, and stays in the journal with both names", function()
    w.sb:fault { on = "delete_trunk", status = 503, times = true }
    local found = w:run()
    local left = w.sb:state().trunks[2]
    assert.same({ 1, left.trunk_sid, "server" }, { #found.left, found.left[1].sid, found.left[1].err.kind })
    local kept = w.journal[#w.journal][1]
    assert.same({ left.trunk_sid, left.trunk_name }, { kept.sid, kept.other_name })
    assert.equal("the trunk was not deleted", of(found, "not tried").deleted_trunk_404)
    assert.is_nil(scratch.delete_left(w.client, kept))
    w.sb:clear_faults()
    assert.equal("deleted", scratch.delete_left(w.client, kept))
    assert.equal("gone", scratch.delete_left(w.client, kept))
    assert.equal("other", w:trunks())
  end)

  it("that is said to be deleted, or not to be there, and is still there, is left", function()
    local deleted = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":null}}'
    for _, fault in ipairs { { body = deleted }, { status = 404 }, { status = 403 } } do
      fault.on, fault.times = "delete_trunk", true
      w.sb:fault(fault)
      local found = w:run()
      local left = w.sb:state().trunks[2]
      assert.same({ 1, left.trunk_sid }, { #found.left, found.left[1].sid })
      assert.equal(left.trunk_sid, w.journal[#w.journal][1].sid)
      if fault.body then assert.equal(DONE, of(found, "differs").deleted_trunk_404) end
      w.sb:clear_faults()
      assert.equal("deleted", scratch.delete_left(w.client, w.journal[#w.journal][1]))
    end
    assert.equal("other", w:trunks())
  end)

  it("that is left is found where lists are not filtered, and in a list of pages", function()
    w.sb:fault { on = "delete_trunk", status = 500, times = true }
    w:run()
    w.sb:clear_faults()
    for i = 1, 120 do w.sb:put { trunk_name = "t" .. i } end
    assert.equal("deleted", scratch.delete_left(w.client, w.journal[#w.journal][1]))
    assert.equal(121, #w.sb:state().trunks)
  end)

  it("whose creation the rate limit refuses is not there, and nobody says so", function()
    w.sb:fault { on = "create_trunk", status = 429, times = 3 }
    local found = w:run()
    assert.equal("the account's requests are used up: wait a minute and run it again", found.ended)
    assert.same({}, found.left)
    assert.same({}, w.journal[#w.journal])
  end)

  it("that has another name now, or is somebody else's, is left alone", function()
    local sid = w.client:create_trunk { trunk_name = "mine" }.trunk_sid
    assert.equal("renamed", scratch.delete_left(w.client, { name = "conf_abcdefgh", sid = sid }))
    assert.equal("renamed", scratch.delete_left(w.client, { name = "mine", sid = sid }))
    w.client:create_trunk { trunk_name = "conf_hgfedcba" }
    assert.equal("gone", scratch.delete_left(w.client, { name = "conf_abcdefgh" }))
    w.sb:fault { on = "list_trunks", status = 500, times = true }
    local outcome, err = scratch.delete_left(w.client, { name = "conf_abcdefgh", sid = sid })
    assert.same({ nil, "server" }, { outcome, err.kind })
    assert.equal("other mine conf_hgfedcba", w:trunks())
  end)

  it("that somebody else deletes in the middle is noticed, and nothing is made of its answers", function()
    for at = 12, 60, 8 do
      w.sb:clear_faults()
      local found = w:run(nil, { progress = function(done)
        local sid = w.sb:state().trunks[2]
        if done == at and sid then w.client:delete_trunk { trunk_sid = sid.trunk_sid } end
      end })
      if at < 60 then assert.equal("somebody else deleted the scratch trunk", found.ended, at) end
      for id, text in pairs(of(found, "differs")) do
        assert.truthy(id:find("unknown_trunk", 1, true) or id == "deleted_trunk_403", at .. " " .. id .. ": " .. text)
      end
      for _, id in ipairs { "removed_ip_again", "removed_destination_again", "error_1000" } do
        assert.is_true(found.by[id].verdict == "not tried" or at > 55, at .. " " .. id)
      end
      assert.equal("other", w:trunks())
    end
  end)

  it("that somebody else deletes is not taken for a filter that shows nothing", function()
    local found = w:run(nil, { progress = conformance.before("list_trunks_filter", function()
      w.client:delete_trunk { trunk_sid = w.sb:state().trunks[2].trunk_sid }
    end) })
    assert.equal("trunks can't be read", of(found, "not tried").list_trunks_filter)
    assert.equal("somebody else deleted the scratch trunk", found.ended)
  end)

  it("is told from another one of an account with hundreds", function()
    for i = 1, 120 do w.sb:put { trunk_name = "t" .. i } end
    w.sb:fault { after = "create_trunk", drop = true }
    assert.same({}, w:run().left)
    assert.equal(121, #w.sb:state().trunks)
  end)
end)

describe("a number that is given", function()
  it("and is on a trunk is not touched, whatever tells of it", function()
    local ON = "+918040264208"
    for _, missing in ipairs { {}, { "find_trunk_map" } } do
      local found = w:run({ missing_operations = missing }, { number = ON })
      for _, id in ipairs { "bare_mode", "duplicate_number", "find_trunk_map", "unmap_phone_number" } do
        assert.equal("the number is on a trunk: give a spare one", of(found, "not tried")[id])
      end
    end
    assert.same({ w.other }, w.sb:state().trunks)
    for i = 1, 8 do w.sb:put { trunk_name = "t" .. i } end
    assert.equal("the number is on a trunk: give a spare one", of(w:run(nil, { number = ON }), "not tried").bare_mode)
  end)

  it("is searched for where the service does not tell, and not touched where that can't be done", function()
    local function found_of(ways) return w:run(ways, { number = NUMBER }) end
    local found = found_of { missing_operations = { "find_trunk_map" } }
    assert.equal("holds", found.by.unmap_phone_number.verdict)
    assert.equal("HTTP 404, code 404, error 1000 (Not Found)", of(found, "differs").find_trunk_map)
    local unseen = "it can't be seen whether the number is on a trunk, so it is not touched"
    for _, missing in ipairs { "list_phone_numbers" } do
      found = found_of { missing_operations = { "find_trunk_map", missing } }
      assert.equal(unseen, of(found, "not tried").duplicate_number)
    end
    for i = 1, 8 do w.sb:put { trunk_name = "t" .. i } end
    found = found_of { missing_operations = { "find_trunk_map" } }
    assert.equal(unseen, of(found, "not tried").duplicate_number)
    for _, request in ipairs(w.sb:requests()) do
      assert.truthy(request.operation ~= "map_phone_number" or request.status == 200)
    end
  end)
end)
