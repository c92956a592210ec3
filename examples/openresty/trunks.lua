--- The endpoint: POST /trunks applies the specification in its JSON body, and answers what was done. Errors are problem
-- JSON (RFC 9457). Calls yield by themselves; nothing here has to ask for it.
local cjson = require "cjson.safe"
local exotel = require "exotel"
local provision = require "exotel.provision"
local ngx = require "ngx"

local M = {}

local client, trouble, token

-- The error log: one line when a failure begins, not one for each request ---------------------------------------------

-- The kinds that concern the operator; the others are the caller's to correct.
local ours = {
  config = true, authentication = true, permission = true, network = true, timeout = true, tls = true, protocol = true,
  server = true,
}

local known_trouble

local function heed(err)
  local kind = err and ours[err.kind] and err.kind or nil
  if kind and kind ~= known_trouble then ngx.log(ngx.ERR, "trunks: ", tostring(err)) end
  if not kind and known_trouble then ngx.log(ngx.WARN, "trunks: the service answers again") end
  known_trouble = kind
end

-- Answers -------------------------------------------------------------------------------------------------------------

local function answer(status, content_type, value)
  ngx.status = status
  ngx.header["Content-Type"] = content_type
  ngx.say(cjson.encode(value))
end

local function problem(status, title, detail, more)
  local body = { type = "about:blank", status = status, title = title, detail = detail }
  for name, value in pairs(more or {}) do body[name] = value end
  return answer(status, "application/problem+json", body)
end

-- By kind: status and title. That the service refuses our credentials is not the caller's fault: 502.
local kinds = {
  invalid_argument = { 422, "The specification is not valid" },
  conflict = { 409, "Something else exists already" },
  rate_limited = { 503, "The service asks to wait" },
  timeout = { 504, "The service did not answer in time" },
  config = { 503, "This endpoint is not set up" },
}

-- The outcome of each change, so that the caller can continue from here.
local function changes_of(report)
  local changes = {}
  for i, change in ipairs(report.changes) do
    changes[i] = {
      action = change.action, resource = change.resource, key = change.key, outcome = change.outcome,
      error = change.err and tostring(change.err) or nil,
    }
  end
  return changes
end

local function refuse(err, report)
  local status, title = unpack(kinds[err.kind] or { 502, "The service refused or failed" })
  if err.retry_after then ngx.header["Retry-After"] = err.retry_after end
  return problem(status, title, tostring(err), {
    kind = err.kind, field = err.field, request_id = err.request_id, maybe_applied = err.maybe_applied,
    trunk_sid = report and report.trunk_sid, changes = report and report.changes[1] and changes_of(report) or nil,
  })
end

-- Authorization and the request ---------------------------------------------------------------------------------------

-- Digests are compared, so that the time it takes tells nothing about the token.
local function is_allowed()
  local given = (ngx.var.http_authorization or ""):match("^[Bb]earer +(.+)$")
  return given ~= nil and ngx.sha1_bin(given) == ngx.sha1_bin(token)
end

-- Whether the password of a credential would come from the environment of this server.
local function names_a_variable(spec)
  for _, credential in ipairs(type(spec.credentials) == "table" and spec.credentials or {}) do
    if type(credential) == "table" and credential.password_env ~= nil then return true end
  end
  return false
end

-- → the specification; nil if the request has been answered already
local function read_request()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return problem(405, "Method not allowed", "POST a specification as JSON")
  end
  if not is_allowed() then
    ngx.header["WWW-Authenticate"] = "Bearer"
    return problem(401, "Unauthorized", "this endpoint has a token of its own: Authorization: Bearer ...")
  end
  ngx.req.read_body()
  local spec, reason = cjson.decode(ngx.req.get_body_data() or "")
  if type(spec) ~= "table" or spec[1] ~= nil then
    return problem(400, "The body is no JSON object", reason or "an object is expected, with a trunk_name at least")
  end
  if names_a_variable(spec) then
    return problem(400, "No password_env here", "the environment is this server's: send the password itself")
  end
  return spec
end

-- Public --------------------------------------------------------------------------------------------------------------

--- Makes the client, in init_by_lua. `options`: as for exotel.client. A mistake in them keeps nginx from starting or
-- reloading. A mistake in the environment does not, since this server may have other sites: it is logged and answered.
function M.setup(options)
  client, trouble = exotel.client(options)
  token = os.getenv("TRUNKS_TOKEN")
  if client and (token or "") == "" then
    client, trouble = nil, "TRUNKS_TOKEN is missing: set it to the token that callers of this endpoint must send"
  end
  if not client then ngx.log(ngx.ERR, "trunks: ", tostring(trouble)) end
end

--- POST /trunks
function M.provision()
  if not client then return problem(503, "This endpoint is not set up", tostring(trouble)) end
  local spec = read_request()
  if not spec then return end
  local report, err, partly = provision.apply(client, spec)
  heed(err)
  if not report then return refuse(err, partly) end
  return answer(200, "application/json", { trunk_sid = report.trunk_sid, changes = changes_of(report) })
end

--- GET /health: whether the endpoint is set up. Makes no request to the service.
function M.health()
  if not client then return problem(503, "This endpoint is not set up", tostring(trouble)) end
  return answer(200, "application/json", { status = "ok" })
end

function M.not_found() return problem(404, "Not found", "there is POST /trunks and GET /health") end

function M.too_large() return problem(413, "The body is too large", "64 KiB are allowed") end

return M
