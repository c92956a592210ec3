--- Which request is which operation: one row for each, in the order and with the names of the client's table of
-- operations. A path is what follows /v2/accounts/<account_sid>; `:name` is any one segment.

local routes = {}

routes.rows = {
  { operation = "create_trunk", method = "POST", path = "/trunks" },
  { operation = "delete_trunk", method = "DELETE", path = "/trunks" },
  { operation = "map_phone_number", method = "POST", path = "/trunks/:trunk_sid/phone-numbers" },
  { operation = "list_phone_numbers", method = "GET", path = "/trunks/:trunk_sid/phone-numbers" },
  { operation = "update_phone_number", method = "PUT", path = "/trunks/:trunk_sid/phone-numbers/:id" },
  { operation = "whitelist_ip", method = "POST", path = "/trunks/:trunk_sid/whitelisted-ips" },
  { operation = "list_whitelisted_ips", method = "GET", path = "/trunks/:trunk_sid/whitelisted-ips" },
  { operation = "add_destinations", method = "POST", path = "/trunks/:trunk_sid/destination-uris" },
  { operation = "list_destinations", method = "GET", path = "/trunks/:trunk_sid/destination-uris" },
  { operation = "set_settings", method = "POST", path = "/trunks/:trunk_sid/settings" },
  -- From here on: the vendor's samples and later documentation, not the reference.
  { operation = "list_trunks", method = "GET", path = "/trunks" },
  { operation = "get_trunk", method = "GET", path = "/trunks/:trunk_sid" },
  { operation = "update_trunk", method = "PUT", path = "/trunks/:trunk_sid" },
  { operation = "unmap_phone_number", method = "DELETE", path = "/trunks/:trunk_sid/phone-numbers" },
  { operation = "update_whitelisted_ip", method = "PUT", path = "/trunks/:trunk_sid/whitelisted-ips/:id" },
  { operation = "remove_whitelisted_ip", method = "DELETE", path = "/trunks/:trunk_sid/whitelisted-ips" },
  { operation = "update_destination", method = "PUT", path = "/trunks/:trunk_sid/destination-uris/:id" },
  { operation = "remove_destination", method = "DELETE", path = "/trunks/:trunk_sid/destination-uris" },
  { operation = "list_settings", method = "GET", path = "/trunks/:trunk_sid/settings" },
  { operation = "remove_setting", method = "DELETE", path = "/trunks/:trunk_sid/settings" },
  { operation = "create_credential", method = "POST", path = "/trunks/:trunk_sid/credentials" },
  { operation = "list_credentials", method = "GET", path = "/trunks/:trunk_sid/credentials" },
  { operation = "update_credential", method = "PUT", path = "/trunks/:trunk_sid/credentials/:id" },
  { operation = "delete_credential", method = "DELETE", path = "/trunks/:trunk_sid/credentials" },
  { operation = "find_trunk_map", method = "GET", path = "/trunk-maps" },
}

local function split(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do segments[#segments + 1] = segment end
  return segments
end

--- Set of the operations' names.
routes.operations = {}

for _, row in ipairs(routes.rows) do
  row.segments = split("/v2/accounts/:account_sid" .. row.path)
  routes.operations[row.operation] = true
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

--- Percent-encodes a value of a query.
function routes.encode(text)
  return (text:gsub("[^%w._~-]", function(letter) return ("%%%02X"):format(letter:byte()) end))
end

-- ".json" may end any path.
local function read_segments(path)
  local segments = split((path:gsub("%.json$", "")))
  for i, segment in ipairs(segments) do segments[i] = decode(segment) end
  return segments
end

local function capture(pattern, segments)
  if #pattern ~= #segments then return nil end
  local captured = {}
  for i, part in ipairs(pattern) do
    local name = part:match("^:(.*)")
    if name then
      if segments[i] == "" then return nil end
      captured[name] = segments[i]
    elseif part ~= segments[i] then
      return nil
    end
  end
  return captured
end

--- Finds the operation of a request.
-- `path`: as on the wire, without the query. → its name and the decoded path arguments (account_sid, trunk_sid, id),
-- or nil and whether the path exists with another method.
function routes.find(method, path)
  local segments = read_segments(path)
  local known = false
  for _, row in ipairs(routes.rows) do
    local captured = capture(row.segments, segments)
    if captured and row.method == method then return row.operation, captured end
    known = known or captured ~= nil
  end
  return nil, known
end

--- Reads a query as forms write it: "+" is a space, so a telephone number's plus sign must come as %2B.
-- → table of the decoded values; of a repeated name the first counts.
function routes.read_query(query)
  local values = {}
  for pair in (query or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name, value = decode((name:gsub("%+", " "))), decode((value:gsub("%+", " ")))
    if values[name] == nil then values[name] = value end
  end
  return values
end

return routes
