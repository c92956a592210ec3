--- Starts the example: the sandbox with a trunk on it, and Kamailio in the foreground, until Ctrl-C.
--
--     make demo-kamailio                the native configuration
--     make demo-kamailio CONFIG=kemi    routes in Lua
--
-- LISTEN_PORT, BOT_PORT, FALLBACK_PORT: UDP ports other than 5060, 5080 and 5090.
local sandbox = require "exotel.sandbox"
local trunk = require "exotel.trunk"

local NUMBERS = { { "+919876543210", "flow" }, { "+918040264208", "pstn" } }
local here = arg[0]:match("^(.*)/[^/]*$") or "."

local function port(name, default) return tonumber(os.getenv(name) or default) end
local LISTEN = port("LISTEN_PORT", 5060)
local BOT, FALLBACK = port("BOT_PORT", 5080), port("FALLBACK_PORT", 5090)

local function capture(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*l")
  pipe:close()
  return text
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- Creates a trunk on the sandbox. → its SID
local function make_trunk(sb)
  local client = assert(sb:client())
  local t = assert(trunk.create(client, { trunk_name = "voicebot" }))
  for _, number in ipairs(NUMBERS) do assert(t:map_number(number[1], number[2])) end
  client:close()
  return t.trunk_sid
end

local function environment(sb, sid)
  local settings = sb:environment()
  settings.EXOTEL_TRUNK_SID = sid
  settings.LUA_PATH, settings.LUA_CPATH = os.getenv("LUA_PATH"), os.getenv("KAMAILIO_LUA_CPATH")
  settings.BOT, settings.FALLBACK = "sip:127.0.0.1:" .. BOT, "sip:127.0.0.1:" .. FALLBACK
  local words = { "env" }
  for name, value in pairs(settings) do words[#words + 1] = name .. "=" .. quote(value) end
  return table.concat(words, " ")
end

local function defines()
  local folder = capture("cd " .. quote(here) .. " && pwd")
  local words = {}
  for name, value in pairs {
    LISTEN = "udp:127.0.0.1:" .. LISTEN, EXOTEL_LUA = '"' .. folder .. '/exotel.lua"',
    ROUTES_LUA = '"' .. folder .. '/routes.lua"',
    BOT = '"sip:127.0.0.1:' .. BOT .. '"', FALLBACK = '"sip:127.0.0.1:' .. FALLBACK .. '"',
  } do words[#words + 1] = "-A " .. quote(name .. "=" .. value) end
  return table.concat(words, " ")
end

local function explain()
  print("Kamailio listens on udp:127.0.0.1:" .. LISTEN .. ". In another terminal, for example:")
  print()
  print("  sipsak -vv -s sip:" .. NUMBERS[1][1] .. "@127.0.0.1:" .. LISTEN .. "   # on the trunk: 200")
  print("  sipsak -vv -s sip:+911140000000@127.0.0.1:" .. LISTEN .. "   # unknown: 404, and no request")
  print("  sipp -sf " .. here .. "/answer.xml -i 127.0.0.1 -p " .. FALLBACK .. " -m 1 -bg")
  print("  sipp -sf " .. here .. "/call.xml -i 127.0.0.1 -s " .. NUMBERS[1][1] .. " 127.0.0.1:" .. LISTEN .. " -m 1")
  print("    # no bot on port " .. BOT .. ": the call goes to the fallback, and the number to mode pstn")
  print()
  io.stdout:flush()
end

local function main()
  local sb = assert(sandbox.start())
  local sid = make_trunk(sb)
  local folder = capture("mktemp -d")
  local config = quote(here .. "/" .. (arg[1] or "kamailio") .. ".cfg")
  explain()
  -- pdeathsig: Kamailio ends whenever this program does.
  os.execute(("exec %s setpriv --pdeathsig TERM kamailio -f %s %s -DD -E -P %s/pid -Y %s -w %s"):format(
    environment(sb, sid), config, defines(), folder, folder, folder))
  os.execute("rm -rf " .. folder)
  sb:stop()
end

main()
