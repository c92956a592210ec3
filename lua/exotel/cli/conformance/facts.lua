--- The facts that are known of the service from its vendor's samples and pages (V) or from one report of a live account
-- (L), and some of the reference (S) on which a client relies. An array, in the order in which they are tried, of
--
--   id, from      a word; S, V or L, or - for what is written nowhere
--   says          the fact
--   probe         what to ask, in exotel.cli.conformance.probes
--   expected, judge   as exotel.cli.conformance.judge has them
--   needs         a probe without whose success the answer would not be due to the fact, and what its failure means
--   takes_any     the judge takes answers that say nothing about what was asked, too: a refused key
--   is_of_account it needs no scratch trunk
--   is_of_run     it asks nothing, and is judged whatever was seen
--   is_last       it is tried when the scratch trunk has been deleted
local judge = require "exotel.cli.conformance.judge"

local M = {}

local function add(fact)
  local by = fact.by
  if by then fact.expected, fact.judge, fact.by = by.expected, by.judge, nil end
  M[#M + 1] = fact
end

-- Answers of any kind ------------------------------------------------------------------------------------------------

local function header(seen, name) return seen.headers["x-ratelimit-" .. name] end

-- Of an answer that may refuse the key: whether it is one to judge by.
local function is_answer(seen) return seen.status ~= nil and seen.status < 500 and seen.status ~= 429 end

-- The time in Reset is by the service's clock, and within two windows of a minute.
local function is_epoch(value, server_time)
  local number = tonumber(value)
  if not number or not value:find("^%d+$") then return false end
  return not server_time or math.abs(number - server_time) <= 120
end

local function judge_headers(seen)
  local missing = {}
  for _, name in ipairs { "limit", "remaining", "reset" } do
    if not header(seen, name) then missing[#missing + 1] = name end
  end
  if #missing > 0 then return false, "no X-RateLimit-" .. table.concat(missing, ", -") end
  if not is_epoch(header(seen, "reset"), seen.server_time) then return false, "-Reset is no time in epoch seconds" end
  return true, "all three, -Reset in epoch seconds"
end

local function judge_limit(seen)
  local limit = header(seen, "limit")
  if not limit then return nil, "no X-RateLimit-Limit" end
  return limit == "200", "X-RateLimit-Limit: " .. (limit:match("^%d+$") or "no number")
end

local function judge_page(seen)
  if not seen.ok or not seen.is_list then return false end
  local metadata = type(seen.metadata) == "table" and seen.metadata or {}
  if #seen.items > 1 then return false, "more items than were asked for" end
  return metadata.page_size == 1, "metadata.page_size " .. tostring(tonumber(metadata.page_size) or "is no number")
end

add {
  id = "list_trunks", is_of_account = true, from = "V", says = "GET trunks lists the trunks",
  probe = "account", by = judge.lists,
}
add {
  id = "page_size", is_of_account = true, from = "V", says = "page_size limits a list", probe = "account",
  expected = "metadata.page_size 1", judge = judge_page,
}
add {
  id = "rate_limit_headers", is_of_account = true, from = "V",
  says = "answers carry X-RateLimit-Limit, -Remaining and -Reset", probe = "account",
  expected = "all three, -Reset in epoch seconds", judge = judge_headers,
}
add {
  id = "rate_limit_200", is_of_account = true, from = "V", says = "200 requests a minute", probe = "account",
  expected = "X-RateLimit-Limit: 200", judge = judge_limit,
}
add {
  id = "wrong_token", is_of_account = true, from = "V", says = "a wrong token is refused with 1010",
  probe = "wrong_token", takes_any = true,
  expected = "HTTP 401, error 1010", judge = function(seen)
    if not is_answer(seen) then return nil end
    return judge.refused(401, 1010).judge(seen)
  end,
}
add {
  id = "wrong_region", is_of_account = true, from = "L",
  says = "the right key in the other region gets a bare 401", probe = "other_region", takes_any = true,
  expected = "HTTP 401, Authorization failed", judge = function(seen)
    if not is_answer(seen) then return nil end
    return seen.status == 401 and seen.message == "Authorization failed"
  end,
}

-- Trunks -------------------------------------------------------------------------------------------------------------

add {
  id = "nso_code", from = "L", says = "nso_code \"any any\" is refused",
  probe = "created_any_any", by = judge.refused(400, 1002),
}
add {
  id = "duplicate_trunk", from = "L", says = "a second trunk of a name: a failure in an HTTP 200",
  probe = "created_again",
  by = judge.duplicate,
}
add {
  id = "whitelist", from = "S", says = "POST whitelisted-ips whitelists an IP", probe = "ip", by = judge.done,
}
add {
  id = "read_at_once", from = "-", says = "a write shows in the next read", probe = "ip_read", expected = "at once",
  judge = function(_, run)
    if run.is_blind then return false, ("not within %d s"):format(run.lag) end
    return run.lag == 0, run.lag == 0 and "at once" or ("after %d s"):format(run.lag)
  end,
}
add {
  id = "domain_name", from = "V", says = "domain_name ACCOUNT_SID.pstn.exotel.com is taken", probe = "created",
  expected = "a trunk with it", judge = function(seen)
    local domain = type(seen.data) == "table" and seen.data.domain_name
    if not domain then return nil, "the answer has no domain_name" end
    local good = tostring(domain):find("%.pstn%.exotel%.com$") ~= nil
    return good, good and "a trunk with it" or "a trunk with another domain_name"
  end,
}
add {
  id = "list_trunks_filter", from = "V", says = "trunk_sid filters the list of trunks", probe = "listed",
  expected = "a list of that trunk", judge = function(seen, run)
    if not seen.ok or not seen.is_list then return false end
    local data = seen.items[1] and seen.items[1].data
    local good = #seen.items == 1 and type(data) == "table" and data.trunk_sid == run.sid
    -- Asked only now: somebody may have deleted the trunk.
    if #seen.items == 0 and not run:see("got").ok then return nil, "trunks can't be read" end
    if good and #run:see("account").items == 0 then return nil, "the account has no other trunk to be left out" end
    return good, good and "a list of that trunk" or ("a list of %d"):format(#seen.items)
  end,
}
add {
  id = "unknown_trunk_404", from = "V", says = "a trunk that never was: 404, 1000 (table of errors)",
  probe = "got_unknown",
  by = judge.refused(404, 1000),
  needs = { "got", "trunks can't be read" },
}
add {
  id = "unknown_trunk_403", from = "V", says = "a trunk that never was: 403, 1003 (report of a live test)",
  probe = "got_unknown", by = judge.refused(403, 1003),
  needs = { "got", "trunks can't be read" },
}
add { id = "get_trunk", from = "V", says = "GET trunks/SID reads a trunk", probe = "got", by = judge.done }
add {
  id = "update_trunk", from = "V", says = "PUT trunks/SID changes its name", probe = "renamed",
  expected = judge.shown.expected, judge = function(seen, run)
    if not seen.ok then return false end
    local read = run:see("got")
    if not read.ok then return nil, "it can't be read back: " .. run:describe(read) end
    return judge.shown.judge({ ok = true, has_it = read.has_change })
  end,
}
add {
  id = "empty_trunk_name", is_of_run = true, from = "V",
  says = "a trunk with an empty name can be made", probe = "nothing",
  expected = "done",
  judge = function() return nil, "a trunk without the name conf_... could not be told from others" end,
}

-- IPs ----------------------------------------------------------------------------------------------------------------

add {
  id = "duplicate_ip", from = "V", says = "an IP twice: a failure in an HTTP 200",
  probe = "ip_again", by = judge.duplicate,
}
add {
  id = "mask_16", from = "V", says = "masks from 16 (another page: 32 only)",
  probe = "mask_16", expected = "done, with mask 16",
  judge = function(seen)
    local mask = seen.ok and type(seen.data) == "table" and tonumber(seen.data.mask)
    if not mask then return false end
    return mask == 16, ("done, with mask %d"):format(mask)
  end,
}
add {
  id = "mask_15", from = "V", says = "a mask of 15 is refused",
  probe = "mask_15", by = judge.refused(400, 1002), needs = { "mask_16", "a mask of 16 is refused, too" },
}
add {
  id = "error_1001", from = "V", says = "a mandatory field missing: 1001",
  probe = "field_missing", by = judge.refused(400, 1001),
}
add {
  id = "error_1002", from = "V", says = "an invalid value: 1002",
  probe = "value_invalid", by = judge.refused(400, 1002),
}
add {
  id = "error_1007", from = "V", says = "a body that can't be parsed: 1007",
  probe = "body_cut", by = judge.refused(400, 1007),
}
add {
  id = "error_1007_type", from = "V", says = "a value of a wrong type: 1007",
  probe = "type_wrong", by = judge.refused(400, 1007),
}
add {
  id = "error_1011", from = "V", says = "another content type: 1011",
  probe = "content_type", by = judge.refused(415, 1011),
}
add {
  id = "update_whitelisted_ip", from = "V", says = "PUT whitelisted-ips/ID changes an IP", probe = "ip_read_changed",
  by = judge.shown,
}
add {
  id = "remove_whitelisted_ip", from = "V", says = "DELETE whitelisted-ips?id= removes an IP", probe = "ip_gone",
  by = judge.removed,
}
add {
  id = "removed_ip_again", from = "V", says = "an IP that is gone: 404, 1000", probe = "ip_removed_again",
  by = judge.refused(404, 1000),
}
add {
  id = "error_1000", from = "V", says = "a bad id: 404, 1000",
  probe = "ip_changed_when_gone", by = judge.refused(404, 1000),
  needs = { "ip_changed", "an IP can't be changed at all" },
}

-- Numbers ------------------------------------------------------------------------------------------------------------

add {
  id = "bare_mode", from = "S", says = "the answer to mapping with mode pstn has it without quotes", probe = "number",
  expected = "the word without quotes", judge = function(seen)
    if seen.body:find('"mode"%s*:%s*pstn') then return true, "the word without quotes" end
    return false, seen.body:find('"mode"%s*:%s*"pstn"') and "the word in quotes" or nil
  end,
}
add {
  id = "duplicate_number", from = "V", says = "a number twice: a failure in an HTTP 200", probe = "number_again",
  by = judge.duplicate,
}
add {
  id = "find_trunk_map", from = "V", says = "GET trunk-maps?exophone= finds a number's trunk", probe = "number_found",
  expected = "a list with the trunk", judge = function(seen)
    if not seen.ok then return false end
    if not seen.has_it then return false, "an answer without the trunk" end
    return seen.is_list == true, seen.is_list and "a list with the trunk" or "one object with the trunk"
  end,
}
add {
  id = "remove_setting", from = "V", says = "DELETE settings?name= removes one",
  probe = "setting_removed", by = judge.removed,
}
add {
  id = "unmap_phone_number", from = "V", says = "DELETE phone-numbers?id= takes a number off", probe = "number_gone",
  by = judge.removed,
}
add {
  id = "unmapped_number_again", from = "V", says = "a number that is gone: 404, 1000", probe = "number_removed_again",
  by = judge.refused(404, 1000),
}

-- Destinations -------------------------------------------------------------------------------------------------------

add {
  id = "destination_fqdn", from = "V", says = "a destination's FQDN need not be whitelisted",
  probe = "two_destinations",
  by = judge.item_done(1),
}
local refused = judge.item_refused(2, 1002)

add {
  id = "destination_ip", from = "V", says = "a destination's IP must be whitelisted", probe = "two_destinations",
  expected = refused.expected, judge = function(seen)
    local good = refused.judge(seen)
    if good and not seen.items[1].ok then return nil, "the other destination was refused, too" end
    return good
  end,
}

-- Whether a batch of which something failed has the status.
local function judge_207(seen)
  if not seen.is_list or seen.ok then return nil, "nothing in it failed" end
  return seen.status == 207
end

add {
  id = "batch_in_part", from = "V", says = "a batch that failed in part: HTTP 207", probe = "two_destinations",
  expected = "HTTP 207", judge = function(seen)
    if seen.status >= 400 then return false end
    return judge_207(seen)
  end,
}
add {
  id = "batch_item_null", from = "V", says = "a destination that failed has data null", probe = "two_destinations",
  expected = "data null", judge = function(seen)
    for _, item in ipairs(seen.is_list and seen.items or {}) do
      if not item.ok then return item.data == nil, item.data == nil and "data null" or "data of its own" end
    end
    return nil, "no destination failed as an item"
  end,
}
add {
  id = "batch_whole", from = "V", says = "a batch that failed whole: HTTP 207", probe = "destination_refused",
  expected = "HTTP 207", judge = function(seen)
    if seen.ok then return nil, "nothing in it failed" end
    return seen.status == 207
  end,
}

local udp = judge.item_done(1)

add {
  id = "transport_udp", from = "V", says = "transport=udp is taken",
  probe = "other_transports", expected = udp.expected,
  judge = function(seen)
    local good = udp.judge(seen)
    local data = good and seen.items[1].data
    local kept = type(data) ~= "table" or not tostring(data.destination):find("transport=t")
    if good and not kept then return false, "accepted, with another transport" end
    return good
  end,
}
add {
  id = "transport_none", from = "V", says = "no transport at all is taken",
  probe = "other_transports", by = judge.item_done(2),
}
add {
  id = "destination_again", from = "L", says = "a repeated add_destinations appends", probe = "destination_again",
  expected = "two equal destinations", judge = function(seen, run)
    if not seen.ok then return false end
    local list = run:see("destinations")
    if not list.ok then return nil, "it can't be read back: " .. run:describe(list) end
    local good = list.equal == 2
    return good, good and "two equal destinations" or ("accepted, and a list with %d"):format(list.equal)
  end,
}
add {
  id = "update_destination", from = "V", says = "PUT destination-uris/ID sets priority and weight, to 65535",
  probe = "weights", expected = judge.shown.expected, judge = function(seen, run)
    if not seen.ok then return false end
    local list = run:see("destinations")
    if not list.ok then return nil, "it can't be read back: " .. run:describe(list) end
    return judge.shown.judge({ ok = true, has_it = list.has_weights })
  end,
}
add {
  id = "offset_counts_entries", from = "V", says = "offset counts entries, not pages", probe = "second_page",
  expected = "entries", judge = function(seen)
    if not seen.ok then return false end
    if seen.counts_entries then return true, "entries" end
    return false, seen.counts_pages and "pages" or "neither entries nor pages"
  end,
}
add {
  id = "weight_65536", from = "V", says = "a weight of 65536 is refused",
  probe = "weight_beyond", by = judge.refused(400, 1002),
  needs = { "weights", "a weight can't be set at all" },
}
add {
  id = "remove_destination", from = "V", says = "DELETE destination-uris?id= removes one", probe = "destination_gone",
  by = judge.removed,
}
add {
  id = "removed_destination_again", from = "V", says = "a destination that is gone: 404, 1000",
  probe = "destination_removed_again", by = judge.refused(404, 1000),
}

-- Credentials and settings -------------------------------------------------------------------------------------------

add {
  id = "create_credential", from = "V", says = "POST credentials creates one",
  probe = "credential", by = judge.done,
}
add {
  id = "duplicate_credential", from = "V", says = "a user name twice: a failure in an HTTP 200",
  probe = "credential_again",
  by = judge.duplicate,
}
add {
  id = "friendly_name_hyphen", from = "L", says = "friendly_name takes no hyphen", probe = "friendly_hyphen",
  by = judge.refused(400, 1002),
  needs = { "credential", "no credential can be made at all" },
}
add {
  id = "friendly_name_33", from = "V", says = "friendly_name has 32 characters at most", probe = "friendly_long",
  by = judge.refused(400, 1002),
  needs = { "credential", "no credential can be made at all" },
}
add {
  id = "password_hyphen", from = "L", says = "a password takes no hyphen", probe = "password_hyphen",
  by = judge.refused(400, 1002),
  needs = { "credential", "no credential can be made at all" },
}
add {
  id = "list_credentials", from = "V", says = "GET credentials lists them", probe = "credentials_read",
  expected = "a list with the credential", judge = function(seen)
    if not seen.ok then return false end
    return seen.has_it, seen.has_it and "a list with the credential" or "a list without it"
  end,
}
add {
  id = "update_credential", from = "V", says = "PUT credentials/ID changes one", probe = "credentials_read",
  expected = "done, and a read shows it", judge = function(seen, run)
    local changed = run:see("credential_changed")
    if not changed.ok then return false, run:describe(changed) end
    if not seen.ok or not seen.has_it then return nil, "it is not in the list: " .. run:describe(seen) end
    return seen.has_change, seen.has_change and "done, and a read shows it" or "accepted, but a read does not show it"
  end,
}
add {
  id = "list_credentials_filter", from = "V", says = "id filters the list of credentials", probe = "credentials_of_id",
  expected = "a list of that credential", judge = function(seen)
    if not seen.ok then return false end
    return seen.has_it, ("a list of %d"):format(#seen.items)
  end,
}
add {
  id = "delete_credential", from = "V", says = "DELETE credentials?id= deletes one", probe = "credential_gone",
  by = judge.removed,
}
add {
  id = "deleted_credential_again", from = "V", says = "a credential that is gone: 404, 1000",
  probe = "credential_deleted_again", by = judge.refused(404, 1000),
}
add { id = "list_settings", from = "V", says = "GET settings lists them", probe = "settings", by = judge.lists }

-- All answers --------------------------------------------------------------------------------------------------------

-- → the answers of all probes, each once: some have those of others, too
local function answers_of(run)
  local all, known = {}, {}
  for _, probe in pairs(run.seen) do
    for _, seen in ipairs(probe.answers) do
      if not known[seen] then all[#all + 1] = seen end
      known[seen] = true
    end
  end
  return all
end

local function judge_shapes(_, run)
  local refusals, others = 0, {}
  for _, seen in ipairs(answers_of(run)) do
    if seen.status and seen.status >= 400 then
      refusals = refusals + 1
      if seen.shape ~= "envelope" then others[seen.shape] = (others[seen.shape] or 0) + 1 end
    end
  end
  local parts = {}
  for shape, count in pairs(others) do parts[#parts + 1] = ("%d of %d: %s"):format(count, refusals, shape) end
  table.sort(parts)
  if refusals == 0 then return nil, "nothing was refused" end
  return #parts == 0, #parts == 0 and ("all %d in the envelope"):format(refusals) or table.concat(parts, ", ")
end

local function judge_ids(_, run)
  local texts, numbers = 0, 0
  for _, seen in ipairs(answers_of(run)) do
    for _ in (seen.body or ""):gmatch('"id"%s*:%s*"') do texts = texts + 1 end
    for _ in (seen.body or ""):gmatch('"id"%s*:%s*%d') do numbers = numbers + 1 end
  end
  if texts + numbers == 0 then return nil, "no id was seen" end
  return numbers == 0, numbers == 0 and "strings" or texts == 0 and "numbers" or "strings and numbers"
end

local function judge_limited(_, run)
  local seen = run.limited
  if not seen then return nil, "the rate limit was not reached, and is not tried" end
  local value = seen.headers["retry-after"]
  if not value then return false, "no Retry-After" end
  local is_number = value:find("^%d+$") ~= nil
  return is_number, is_number and "Retry-After in seconds" or "Retry-After, but no number"
end

add {
  id = "refusals_in_envelope", is_of_run = true, from = "V",
  says = "refusals come in the envelope (some pages show other shapes)",
  probe = "nothing", expected = "the envelope", judge = judge_shapes,
}
add {
  id = "ids_are_strings", is_of_run = true, from = "S", says = "ids are strings of digits",
  probe = "nothing", expected = "strings", judge = judge_ids,
}
add {
  id = "retry_after", is_of_run = true, from = "V", says = "a 429 carries Retry-After in seconds",
  probe = "nothing",
  expected = "Retry-After in seconds", judge = judge_limited,
}
add {
  id = "connections_50", is_of_run = true, from = "V",
  says = "50 connections at once", probe = "nothing", expected = "50",
  judge = function() return nil, "it would take a load that no account should get" end,
}
add {
  id = "error_1003", is_of_run = true, from = "V", says = "another account's trunk: 403, 1003", probe = "nothing",
  expected = "HTTP 403, error 1003", judge = function() return nil, "it would take a trunk of somebody else's" end,
}

-- When the trunk is gone ---------------------------------------------------------------------------------------------

add {
  id = "deleted_trunk_404", from = "V", says = "a trunk that is gone: 404, 1000 (table of errors)",
  probe = "got_deleted",
  by = judge.refused(404, 1000), is_last = true,
  needs = { "got", "trunks can't be read" },
}
add {
  id = "deleted_trunk_403", from = "V", says = "a trunk that is gone: 403, 1003 (report of a live test)",
  probe = "got_deleted", by = judge.refused(403, 1003), is_last = true,
  needs = { "got", "trunks can't be read" },
}
add {
  id = "deleted_trunk_again", from = "V", says = "deleting it once more: 404, 1000 or 403, 1003",
  probe = "deleted_again",
  expected = "HTTP 404, error 1000 or HTTP 403, error 1003", is_last = true,
  judge = function(seen)
    return judge.refused(404, 1000).judge(seen) or judge.refused(403, 1003).judge(seen)
  end,
}

return M
