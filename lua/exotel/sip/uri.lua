--- SIP URIs, and destinations as the service writes them, which are the same without "sip:".
local M = {}

local LONGEST = 500

local DEFAULT_PORT = { udp = 5060, tcp = 5060, tls = 5061 }

local USER = "^[%w%-_%.!~%*'%(%)&=%+%$,;%?/:%%]+$"
local PARAMETER = "^[%w%-_%.!~%*'%(%)%[%]/:&%+%$%%]+=?[%w%-_%.!~%*'%(%)%[%]/:&%+%$%%]*$"

-- Hosts ---------------------------------------------------------------------------------------------------------------

-- Whether it is an IPv4 address; nil when it means to be one and is none.
local function is_ipv4(host)
  if not host:find("^[%d%.]+$") then return false end
  local parts = { host:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }
  for _, part in ipairs(parts) do
    if #part > 3 or tonumber(part) > 255 or part:find("^0%d") then return nil end
  end
  return #parts == 4 or nil
end

local function is_name(host)
  if #host > 253 then return false end
  for label in (host .. "."):gmatch("([^%.]*)%.") do
    if #label > 63 or not label:find("^%w[%w%-]*$") or label:find("%-$") then return false end
  end
  return true
end

local function read_host(uri, host)
  local ipv6 = host:match("^%[([%x:%.]+)%]$")
  uri.host = ipv6 or host:lower()
  if ipv6 then
    uri.is_address = ipv6:find(":.*:") ~= nil
    return uri.is_address
  end
  uri.is_address = is_ipv4(host)
  return uri.is_address or (uri.is_address == false and is_name(host))
end

-- Parts ---------------------------------------------------------------------------------------------------------------

local function read_port(uri, port)
  if port == nil then return true end
  if not port:find("^[1-9]%d?%d?%d?%d?$") or tonumber(port) > 65535 then return false end
  uri.port = tonumber(port)
  return true
end

-- → what is wrong, or nil
local function read_transport(uri, value)
  local transport = value:lower()
  if not DEFAULT_PORT[transport] then return ("transport=%s is not known: udp, tcp and tls are"):format(value) end
  if uri.scheme == "sips" and transport == "udp" then return "sips: is never by udp" end
  uri.transport = uri.scheme == "sips" and "tls" or transport
end

local function read_parameters(uri, text)
  for parameter in text:gmatch(";([^;]*)") do
    if not parameter:find(PARAMETER) then return ("the parameter %q is malformed"):format(parameter) end
    local name, value = parameter:match("^([^=]+)=?(.*)$")
    if name:lower() == "maddr" then return "maddr is not supported: name that host itself" end
    local problem = name:lower() == "transport" and read_transport(uri, value)
    if problem then return problem end
  end
end

local SHAPE = "must be sip:HOST:PORT;transport=tls, tcp or udp, as in sip:44.248.146.11:5061;transport=tls"

local function split_host(text)
  local host, port = text:match("^(%[[^%]]*%])(.*)$")
  if not host then host, port = text:match("^([^:]*)(.*)$") end
  if port == "" then return host end
  return host, port:match("^:(.*)$") or "?"
end

local function read_rest(uri, rest)
  local authority, parameters = rest:match("^([^;]*)(.*)$")
  local user, place = rest:match("^(.*)@([^@]*)$")
  if user then
    if not user:find(USER) then return SHAPE end
    authority, parameters = place:match("^([^;]*)(.*)$")
  end
  local host, port = split_host(authority)
  if not read_host(uri, host) or not read_port(uri, port) then return SHAPE end
  uri.user = user
  uri.place = authority
  return read_parameters(uri, parameters)
end

-- The scheme and what follows it.
local function split_scheme(text)
  local scheme, rest = text:match("^([sS][iI][pP][sS]?):(.*)$")
  if scheme then return scheme:lower(), rest end
  return "sip", text
end

local function problem_of(text)
  if #text > LONGEST then return "is too long" end
  if text:find("[%z\1-\32\127-\255<>\"]") then return SHAPE end
  if text:find("?", 1, true) and not text:find("?.*@") then return "headers (?) have no place in a destination" end
end

--- uri.read(text) → { scheme, user, host (without brackets), is_address, port, transport, place (host and port as
-- written), text (with its scheme) }, of which user, port and transport may be nil; or nil, what is wrong with it.
function M.read(text)
  local problem = problem_of(text)
  if problem then return nil, problem end
  local scheme, rest = split_scheme(text)
  local uri = { scheme = scheme, text = scheme .. ":" .. rest, transport = scheme == "sips" and "tls" or nil }
  problem = read_rest(uri, rest)
  if problem then return nil, problem end
  return uri
end

--- uri.default_port(transport) → where a server listens that says nothing else
function M.default_port(transport) return DEFAULT_PORT[transport] end

--- uri.bracketed(host) → an address as it is written where a port follows
function M.bracketed(host) return host:find(":", 1, true) and "[" .. host .. "]" or host end

return M
