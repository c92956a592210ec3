--- The envelope that every answer comes in. The keys stand in the order of the vendor's examples.

local json = require "exotel.sandbox.json"

local envelope = {}

local ITEM = { "code", "error_data", "status", "data" }
local ERROR_DATA = { "code", "message", "description" }
local SINGLE = { "request_id", "method", "http_code", "response" }
local SEVERAL = { "request_id", "method", "http_code", "metadata", "response" }
local PAGE = { "page_size", "first_page_uri", "prev_page_uri", "next_page_uri" }
local COUNTS = { "total", "success", "failed" }
local COUNTS_OF_SETTINGS = { "total", "success" }

local function with_number(data)
  local copied = {}
  for name, value in pairs(data.values) do copied[name] = value end
  copied.id = tonumber(copied.id)
  return json.record(data.keys, copied)
end

local function good_item(call, data)
  if data and data.values.id and call.ways.ids == "numbers" then data = with_number(data) end
  return json.record(ITEM, { code = 200, status = "success", data = data })
end

-- The item of a failure has no data: in a batch only its position says which one it was.
local function bad_item(problem)
  local error_data = json.record(ERROR_DATA, problem)
  return json.record(ITEM, { code = problem.status, status = "failure", error_data = error_data })
end

-- A duplicate is the failure inside a success: HTTP 200, and 409 only in the item (V; the trunk's, L).
local function status_of(call, problem)
  return problem.code == 1008 and call.ways.duplicates == "in 200" and 200 or problem.status
end

local function single(call, status, item)
  local values = { request_id = call.request_id, method = call.method, http_code = status, response = item }
  return status, json.encode(json.record(SINGLE, values))
end

local function several(call, status, metadata, items)
  local values = { request_id = call.request_id, method = call.method, http_code = status }
  values.metadata, values.response = metadata, json.array(items)
  return status, json.encode(json.record(SEVERAL, values))
end

local OTHER = { "RestException" }
local REST_EXCEPTION = { "Status", "Message", "Code" }
local FLAT = { "error", "message", "code" }
local WITH_DETAILS = { "error", "details" }
local DETAILS = { "field" }

-- Other shapes of an error in the vendor's pages (V). By name a function of the problem → the record
local SHAPES = {
  RestException = function(problem)
    local values = { Status = problem.status, Message = problem.message, Code = problem.code }
    return json.record(OTHER, { RestException = json.record(REST_EXCEPTION, values) })
  end,
  flat = function(problem)
    return json.record(FLAT, { error = problem.message, message = problem.description, code = tostring(problem.code) })
  end,
  details = function(problem)
    local details = json.record(DETAILS, { field = json.array({ problem.description }) })
    return json.record(WITH_DETAILS, { error = problem.message, details = details })
  end,
}

--- The answer that refuses a request. → HTTP status, body
function envelope.problem(call, problem)
  local shape = SHAPES[call.ways.errors]
  if shape then return problem.status, json.encode(shape(problem)) end
  return single(call, status_of(call, problem), bad_item(problem))
end

--- The answer with one object, a record of json, or nil for none. → HTTP status, body
function envelope.item(call, data)
  return single(call, 200, good_item(call, data))
end

local function page_uri(call, page, offset)
  local query = ("offset=%d&page_size=%d"):format(offset, page.size)
  if page.filter then query = query .. "&" .. page.filter end
  return call.path .. "?" .. query
end

local function page_metadata(call, page)
  local values = { page_size = page.size, first_page_uri = page_uri(call, page, 0) }
  if page.offset > 0 then values.prev_page_uri = page_uri(call, page, math.max(0, page.offset - page.size)) end
  if page.more then values.next_page_uri = page_uri(call, page, page.offset + page.size) end
  return json.record(PAGE, values)
end

--- The answer with one page of a list.
-- `page`: { items = records, offset, size, more = whether another page follows, filter = query that the links keep, or
-- nil }
-- → HTTP status, body
function envelope.page(call, page)
  local items = {}
  for i, data in ipairs(page.items) do items[i] = good_item(call, data) end
  return several(call, 200, page_metadata(call, page), items)
end

--- The answer to a batch: 200 when all succeeded, 207 when any failed, or all of them.
-- `batch.results`: array of { data = record } or { problem = problem }; `batch.of_settings`: the metadata leaves
-- `failed` out.
-- → HTTP status, body
function envelope.batch(call, batch)
  local items, failed = {}, 0
  for i, result in ipairs(batch.results) do
    items[i] = result.problem and bad_item(result.problem) or good_item(call, result.data)
    if result.problem then failed = failed + 1 end
  end
  local counts = { total = #items, success = #items - failed, failed = failed }
  local metadata = json.record(batch.of_settings and COUNTS_OF_SETTINGS or COUNTS, counts)
  return several(call, failed > 0 and call.ways.partial_status or 200, metadata, items)
end

--- The shape of an error of the rate limit (V). → HTTP status, body
function envelope.rate_limited()
  local limited = { status = 429, message = "Too many requests", code = "RATE_LIMIT_EXCEEDED" }
  return 429, json.encode(SHAPES.RestException(limited))
end

return envelope
