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

local function good_item(data)
  return json.record(ITEM, { code = 200, status = "success", data = data })
end

-- The item of a failure has no data: in a batch only its position says which one it was.
local function bad_item(problem)
  local error_data = json.record(ERROR_DATA, problem)
  return json.record(ITEM, { code = problem.status, status = "failure", error_data = error_data })
end

-- A duplicate is the failure inside a success: HTTP 200, and 409 only in the item (V; the trunk's, L).
local function status_of(problem)
  return problem.code == 1008 and 200 or problem.status
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

--- The answer that refuses a request. → HTTP status, body
function envelope.problem(call, problem)
  return single(call, status_of(problem), bad_item(problem))
end

--- The answer with one object, a record of json, or nil for none. → HTTP status, body
function envelope.item(call, data)
  return single(call, 200, good_item(data))
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
  for i, data in ipairs(page.items) do items[i] = good_item(data) end
  return several(call, 200, page_metadata(call, page), items)
end

--- The answer to a batch: 200 when all succeeded, 207 when any failed, or all of them.
-- `batch.results`: array of { data = record } or { problem = problem }; `batch.of_settings`: the metadata leaves
-- `failed` out.
-- → HTTP status, body
function envelope.batch(call, batch)
  local items, failed = {}, 0
  for i, result in ipairs(batch.results) do
    items[i] = result.problem and bad_item(result.problem) or good_item(result.data)
    if result.problem then failed = failed + 1 end
  end
  local counts = { total = #items, success = #items - failed, failed = failed }
  local metadata = json.record(batch.of_settings and COUNTS_OF_SETTINGS or COUNTS, counts)
  return several(call, failed > 0 and 207 or 200, metadata, items)
end

local OTHER = { "RestException" }
local REST_EXCEPTION = { "Status", "Message", "Code" }

--- The other shape of an error, that of the rate limit (V). → HTTP status, body
function envelope.rate_limited()
  local values = { Status = 429, Message = "Too many requests", Code = "RATE_LIMIT_EXCEEDED" }
  return 429, json.encode(json.record(OTHER, { RestException = json.record(REST_EXCEPTION, values) }))
end

return envelope
