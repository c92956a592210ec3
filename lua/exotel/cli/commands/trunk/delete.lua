--- exotel trunk delete: says what goes with a trunk, and keeps its specification.
local arguments = require "exotel.cli.arguments"
local backup = require "exotel.cli.backup"
local errors = require "exotel.cli.errors"
local prompt = require "exotel.cli.terminal.prompt"
local provision = require "exotel.provision"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"

-- Numbers that a question names one by one.
local NAMED_MAX = 10

local function count(list, noun) return ("%d %s%s"):format(#list, noun, #list == 1 and "" or "s") end

local function modes(numbers)
  local by_mode, parts = {}, {}
  for _, number in ipairs(numbers) do
    local mode = type(number) == "table" and number.mode or "pstn"
    by_mode[mode] = (by_mode[mode] or 0) + 1
  end
  for _, mode in ipairs { "pstn", "flow" } do
    if by_mode[mode] then parts[#parts + 1] = ("%d %s"):format(by_mode[mode], mode) end
  end
  return table.concat(parts, ", ")
end

local function names(numbers)
  local list = {}
  for i = 1, math.min(#numbers, NAMED_MAX) do
    list[i] = type(numbers[i]) == "table" and numbers[i].phone_number or numbers[i]
  end
  if #numbers > NAMED_MAX then list[#list + 1] = "…" end
  return table.concat(list, ", ")
end

-- What goes with it, a line each.
local function consequences(spec)
  local lines = {}
  local function add(format, ...) lines[#lines + 1] = screen.format("  " .. format .. "\n", ...) end
  local numbers, credentials = spec.phone_numbers or {}, spec.credentials or {}
  if #numbers > 0 then
    add("%s, live now and on no trunk then (%s): %s", count(numbers, "number"), modes(numbers), names(numbers))
  end
  add("%s, %s, %s", count(spec.whitelisted_ips or {}, "IP"), count(spec.destinations or {}, "destination"),
    count(credentials, "credential"))
  if #credentials > 0 then add("passwords can't be read: the specification names a variable for each") end
  return table.concat(lines)
end

local function confirm(app, args, trunk, spec)
  local word, what = resolve.word(trunk)
  prompt.tell(screen.format("This deletes the trunk %s of the account %s, and with it\n",
    resolve.title(trunk.trunk_name, trunk.trunk_sid), app:account()) .. consequences(spec))
  if not args.no_backup then prompt.tell("Its specification is written to a file first.\n") end
  if prompt.confirm_word(word, "Its %s, to go on: ", what) then return end
  errors.fail("that is not its %s: nothing was deleted", what)
end

local function same(a, b) return provision.format(a, "json") == provision.format(b, "json") end

-- The specification that was agreed to, as it is now.
local function agreed(app, args, trunk)
  local spec, warnings = backup.read(app, trunk)
  if args.yes then return spec, warnings end
  confirm(app, args, trunk, spec)
  local now
  now, warnings = backup.read(app, trunk)
  if not same(spec, now) then errors.fail("the trunk has changed meanwhile: nothing was deleted; look at it again") end
  return now, warnings
end

-- → the path of the file, or nil
local function keep(app, args, trunk)
  if args.no_backup and args.yes then return nil end
  local spec, warnings = agreed(app, args, trunk)
  if args.no_backup then return nil end
  for _, warning in ipairs(warnings) do app.out:warn("%s", warning) end
  local path = backup.write(app, args, { { trunk = trunk, spec = spec, warnings = warnings } })
  app.out:note("its specification is in %s", path)
  return path
end

local function delete(app, args)
  backup.check(args)
  if not args.yes then prompt.need_terminal("exotel trunk delete") end
  local trunk = resolve.trunk(app:client(), args.trunk)
  app:consent()
  local path = keep(app, args, trunk)
  local title = resolve.title(trunk.trunk_name, trunk.trunk_sid)
  local data = app:write(("the trunk %s was deleted"):format(title), function() return trunk:delete() end)
  if app.out.json then return app.out:value { outcome = "done", data = data, backup = path } end
  app.out:done("done", data, "deleted trunk %s", title)
end

return {
  name = "delete", summary = "Delete a trunk with its numbers, IPs and destinations. Asks for its name.",
  run = delete,
  arguments = { arguments.trunk },
  options = { backup.options[1], backup.options[2], arguments.yes },
  more = "Its specification is written to a file first, from which exotel apply makes it again; where that can't be "
    .. "written nothing is deleted. Passwords of credentials can't be read: the file names a variable of the "
    .. "environment for each.",
  examples = {
    "exotel trunk delete outbound_trunk", "exotel trunk delete outbound_trunk --yes --backup outbound_trunk.lua",
  },
}
