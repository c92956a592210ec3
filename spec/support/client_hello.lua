--- What a client of TLS says first: the versions and the protocols that it offers.
local client_hello = {}

local function number(text, at, bytes)
  local value = 0
  for i = at, at + bytes - 1 do value = value * 256 + text:byte(i) end
  return value
end

-- Each is a length of so many bytes, and what it counts. → where it begins and ends, and where the next one does
local function vector(text, at, bytes)
  local first = at + bytes
  local after = first + number(text, at, bytes)
  return first, after - 1, after
end

local PROTOCOLS, SUPPORTED_VERSIONS = 16, 43

-- Record 5 bytes, handshake 4, version 2, random 32; then the session's id, ciphers, compressions, extensions.
local function extension(text, wanted)
  local _, _, at = vector(text, 44, 1)
  _, _, at = vector(text, at, 2)
  _, _, at = vector(text, at, 1)
  local first, last = vector(text, at, 2)
  while first < last do
    local from, to, after = vector(text, first + 2, 2)
    if number(text, first, 2) == wanted then return text:sub(from, to) end
    first = after
  end
end

--- → the versions in its bytes, as in "0303" for TLS 1.2: those that are listed, else the only one there is
function client_hello.versions(text)
  local listed = extension(text, SUPPORTED_VERSIONS)
  if not listed then return { ("%04x"):format(number(text, 10, 2)) } end
  local versions = {}
  for at = 2, #listed, 2 do versions[#versions + 1] = ("%04x"):format(number(listed, at, 2)) end
  return versions
end

--- → the protocols for what follows, as in "http/1.1"
function client_hello.protocols(text)
  local listed, names = extension(text, PROTOCOLS), {}
  local at = 3
  while listed and at <= #listed do
    local first, last, after = vector(listed, at, 1)
    names[#names + 1], at = listed:sub(first, last), after
  end
  return names
end

return client_hello
