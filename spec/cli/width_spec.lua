-- What people read at terminals of 40, 80 and 200 columns: broken between words, and with nothing cut.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local sandbox = require "exotel.sandbox"

local sb, paths, sid, new_sid

local TRUNK = {
  trunk_name = "out",
  numbers = { { phone_number = "+919876543210", mode = "flow" }, { phone_number = "+918040264208", mode = "pstn" } },
  ips = { { ip = "44.248.146.11", mask = 32 } },
  destinations = { { destination = "sip:44.248.146.11:5061;transport=tls", priority = 3, weight = 7 } },
  credentials = { { user_name = "pbx", password = "first_1" } },
}

local GOOD = [[
return {
  trunk_name = "out",
  phone_numbers = { "+919876543210", "+918040264208", "+918040264209" },
  whitelisted_ips = { "44.248.146.11", "203.0.113.0/24" },
  destinations = {
    "44.248.146.11:5061;transport=tls",
    { destination = "sip.example.com:5061;transport=tls", priority = 1, weight = 20 },
  },
}
]]

local CSV = "Phone Number,mode\n+91 80402  64207,flow\n8040264208,\nxyz,\n"

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  sid, new_sid = sb:put(TRUNK).trunk_sid, sb:put({ trunk_name = "new" }).trunk_sid
  files.write(paths.folder .. "/good.lua", GOOD)
  files.write(paths.folder .. "/n.csv", CSV)
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

-- Runs it at a terminal that is so wide. → what was shown, with names in place of what differs each time
local function shown_at(width, arguments, steps)
  local all = { "size:" .. width }
  for _, step in ipairs(steps or {}) do all[#all + 1] = step end
  local env = { COLUMNS = "", NO_COLOR = "1" }
  local text = command.at_terminal(sb, (arguments:gsub("FOLDER", function() return paths.folder end)), all, { env = env }).out
  for name, value in pairs { FOLDER = paths.folder, SID = sid, NEW_SID = new_sid, STATE = command.state } do
    text = text:gsub(value:gsub("%p", "%%%0"), name)
  end
  return text
end

local YES = { "expect:[y/N] ", "send:y\\n" }

describe("at a terminal", function()
  local PLAN = {
    [40] = [[
trunk out
  + whitelisted_ip 203.0.113.0/24
  ~ phone_number +919876543210 (mode:
      flow -> pstn)
  + phone_number +918040264209
      (mode=pstn)
  + destination
      sip.example.com:5061;transport=tls
      (priority=1 weight=20)
3 to add, 1 to change, 0 to remove, 0
      extra
]],
    [80] = [[
trunk out
  + whitelisted_ip 203.0.113.0/24
  ~ phone_number +919876543210 (mode: flow -> pstn)
  + phone_number +918040264209 (mode=pstn)
  + destination sip.example.com:5061;transport=tls (priority=1 weight=20)
3 to add, 1 to change, 0 to remove, 0 extra
]],
  }
  PLAN[200] = PLAN[80]

  local DRIFT = {
    [40] = [[
trunk out
  whitelisted_ip 203.0.113.0/24 is
      missing
  phone_number +919876543210 is flow,
      should be pstn
  phone_number +918040264209 is missing
  destination
      sip.example.com:5061;transport=tls
      is missing
3 to add, 1 to change, 0 to remove, 0
      extra
]],
    [80] = [[
trunk out
  whitelisted_ip 203.0.113.0/24 is missing
  phone_number +919876543210 is flow, should be pstn
  phone_number +918040264209 is missing
  destination sip.example.com:5061;transport=tls is missing
3 to add, 1 to change, 0 to remove, 0 extra
]],
  }
  DRIFT[200] = DRIFT[80]

  local DRY_RUN = {
    [40] = [[
line    phone_number      mode  action
2       +918040264207     flow  map
        original: +91 80402  64207
3       +918040264208           map
        original: 8040264208
4       xyz                     refused
        phone_number must be in E.164,
        as +919876543210
]],
    [80] = [[
line    phone_number      mode  action   original              reason
2       +918040264207     flow  map      +91 80402  64207
3       +918040264208           map      8040264208
4       xyz                     refused
        phone_number must be in E.164, as +919876543210
]],
    [200] = [[
line    phone_number      mode  action   original              reason
2       +918040264207     flow  map      +91 80402  64207
3       +918040264208           map      8040264208
4       xyz                     refused                        phone_number must be in E.164, as +919876543210
]],
  }

  local REPLACED = {
    [40] = [[
Replace 44.248.146.11 by 198.51.100.20
on the trunk out of the account
sandbox1? [y/N] y
trunk out
  + whitelisted_ip 198.51.100.20/32:
      done
  + destination
      198.51.100.20:5061;transport=tls
      (priority=3 weight=7): done
  - destination
      44.248.146.11:5061;transport=tls
      (priority=3 weight=7): done
  - whitelisted_ip 44.248.146.11/32:
      done
2 added, 0 changed, 2 removed
]],
    [80] = [[
Replace 44.248.146.11 by 198.51.100.20 on the trunk out of the account sandbox1?
[y/N] y
trunk out
  + whitelisted_ip 198.51.100.20/32: done
  + destination 198.51.100.20:5061;transport=tls (priority=3 weight=7): done
  - destination 44.248.146.11:5061;transport=tls (priority=3 weight=7): done
  - whitelisted_ip 44.248.146.11/32: done
2 added, 0 changed, 2 removed
]],
  }
  REPLACED[200] = REPLACED[80]:gsub("%?\n", "? ")

  local ROTATION = {
    [40] = [[
The password of pbx on the trunk out of
the account sandbox1 changes at once:
logins with the old one fail from then
on (--new-user keeps both for a while).
Go on? [y/N] n
]],
    [80] = [[
The password of pbx on the trunk out of the account sandbox1 changes at once:
logins with the old one fail from then on (--new-user keeps both for a while).
Go on? [y/N] n
]],
    [200] = "The password of pbx on the trunk out of the account sandbox1 changes at once: logins with the old one fail from then on "
      .. "(--new-user keeps both for a while). Go on? [y/N] n\n",
  }

  local DELETION = {
    [40] = [[
This deletes the trunk out
(SID) of the
account sandbox1, and with it
  2 numbers, live now and on no trunk
    then (1 pstn, 1 flow):
    +918040264208, +919876543210
  1 IP, 1 destination, 1 credential
  passwords can't be read: the
    specification names a variable for
    each
Its specification is written to a file
first.
Its name, to go on: no
]],
    [80] = [[
This deletes the trunk out (SID) of the account
sandbox1, and with it
  2 numbers, live now and on no trunk then (1 pstn, 1 flow): +918040264208,
    +919876543210
  1 IP, 1 destination, 1 credential
  passwords can't be read: the specification names a variable for each
Its specification is written to a file first.
Its name, to go on: no
]],
    [200] = [[
This deletes the trunk out (SID) of the account sandbox1, and with it
  2 numbers, live now and on no trunk then (1 pstn, 1 flow): +918040264208, +919876543210
  1 IP, 1 destination, 1 credential
  passwords can't be read: the specification names a variable for each
Its specification is written to a file first.
Its name, to go on: no
]],
  }

  local MOVE = {
    [40] = [[
  1 number from out
    (SID)
Move 1 number to the trunk new
(NEW_SID) of the
account sandbox1? [y/N] n
]],
    [80] = [[
  1 number from out (SID)
Move 1 number to the trunk new (NEW_SID) of the account
sandbox1? [y/N] n
]],
    [200] = [[
  1 number from out (SID)
Move 1 number to the trunk new (NEW_SID) of the account sandbox1? [y/N] n
]],
  }

  for _, width in ipairs { 40, 80, 200 } do
    describe(("of %d columns"):format(width), function()
      it("plan, apply and check", function()
        assert.equal(PLAN[width], shown_at(width, "plan FOLDER/good.lua"))
        assert.equal(DRIFT[width], shown_at(width, "check FOLDER/good.lua"))
        assert.equal(PLAN[width] .. "Apply this to the account sandbox1?"
          .. (width == 40 and "\n" or " ") .. "[y/N] y\n3 added, 1 changed, 0 removed\n", shown_at(width, "apply FOLDER/good.lua", YES))
      end)

      it("validate, whose lines are for editors, too, and are not broken", function()
        files.write(paths.folder .. "/bad.lua", 'return {\n  trunk_name = "out",\n  phone_nubmers = {},\n}\n')
        assert.equal("FOLDER/bad.lua:3: error: trunk out: phone_nubmers is unknown in a specification: did you mean phone_numbers?\n"
          .. "1 error in 1 file (1 trunk)\n", shown_at(width, "validate FOLDER/bad.lua"))
      end)

      it("number import --dry-run", function()
        local shown = shown_at(width, "number import FOLDER/n.csv --trunk out --country 91 --dry-run")
        assert.equal(DRY_RUN[width] .. "3 rows: 2 to map, 1 cleaned, 1 completed, 1 refused; nothing was sent\n", shown:sub(shown:find("line  ", 1, true), -1))
      end)

      it("number move", function()
        assert.equal("PHONE_NUMBER   FROM  MODE\n+919876543210  out   flow\n1 number would go to new (NEW_SID), 0 there already\n",
          shown_at(width, "number move +919876543210 --to new --mode flow --dry-run"))
        assert.equal(MOVE[width] .. "exotel: nothing was moved\n",
          shown_at(width, "number move +919876543210 --to new", { "expect:[y/N] ", "send:n\\n" }))
      end)

      it("ip replace", function()
        local shown = shown_at(width, "ip replace out 44.248.146.11 198.51.100.20", YES)
        assert.equal(REPLACED[width], shown:sub(shown:find("Replace 44", 1, true), -1))
      end)

      it("credential rotate and trunk delete", function()
        assert.equal(ROTATION[width] .. "exotel: nothing was changed\n", shown_at(width, "credential rotate out pbx", { "expect:[y/N] ", "send:n\\n" }))
        assert.equal(DELETION[width] .. "exotel: that is not its name: nothing was deleted\n",
          shown_at(width, "trunk delete out", { "expect:go on: ", "send:no\\n" }))
      end)
    end)
  end
end)
