--- What every failure owes its user, checked wherever a failure is expected.
local assert = require "luassert"
local errors = require "exotel.error"

local expect = {}

-- The sandbox's token, and key and token as the Authorization header carries them.
local SECRETS = { "sandbox_token", "c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg", "Authorization: Basic" }

--- Fails when a text gives a secret away.
function expect.no_secret(text)
  for _, secret in ipairs(SECRETS) do
    if text:find(secret, 1, true) then error("a secret shows in: " .. text, 2) end
  end
end

local function check_line(err)
  local line = tostring(err)
  assert.is_nil(line:find("%c"), "more than one line: " .. line)
  assert.truthy(line:find(err.kind, 1, true), line)
  expect.no_secret(line)
end

local function check_fields(err)
  assert.is_string(err.message)
  assert.is_number(err.attempts)
  assert.is_number(err.elapsed)
  assert.is_boolean(err.retryable)
  assert.is_boolean(err.maybe_applied)
  expect.no_secret(err.message .. (err.description or ""))
end

--- expect.failure(kind, client:operation{…}) → the error object, after checking that it is one and of that kind.
function expect.failure(kind, ...)
  local data, err = ...
  if data ~= nil then error("a failure of kind " .. kind .. " expected, not a success", 2) end
  assert.is_true(errors.is(err), "no error object: " .. tostring(err))
  assert.equal(kind, err.kind, tostring(err))
  check_fields(err)
  check_line(err)
  return err
end

--- expect.refused(field, client:operation{…}) → the error object of an argument that was refused before it was sent.
function expect.refused(field, ...)
  local err = expect.failure("invalid_argument", ...)
  assert.equal(field, err.field)
  assert.equal(0, err.attempts)
  assert.is_false(err.maybe_applied)
  assert.is_nil(err.http_status)
  return err
end

--- expect.raises(pattern, f, …): the call raises a message (not an error object) that has the Lua pattern in it.
function expect.raises(pattern, f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good, "it did not raise")
  assert.is_string(message)
  assert.truthy(message:find(pattern), message)
end

return expect
