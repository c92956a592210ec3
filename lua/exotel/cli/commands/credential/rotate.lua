--- exotel credential rotate: a new password, at once or with an overlap.
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local passwords = require "exotel.cli.password"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"

local function find(trunk, user_name)
  for _, item in ipairs(errors.assert(trunk:list_credentials())) do
    if item.user_name == user_name then return item end
  end
end

local function check_arguments(app, args)
  passwords.check(app, args)
  if args.delete_old and not args.new_user then
    errors.usage("--delete-old deletes USER once --new-user NAME is there: say that, too")
  end
  if args.new_user == args.user then errors.usage("--new-user takes another name than %s", args.user) end
  if not args.yes then prompt.need_terminal("exotel credential rotate") end
end

local function not_there(trunk, user_name)
  errors.not_found("%s has no credential %q; `exotel credential list %s` shows those there are", resolve.name(trunk),
    user_name, resolve.argument(trunk))
end

-- One password for a user name: at once -------------------------------------------------------------------------------

local function at_once(app, args, trunk)
  if not find(trunk, args.user) then not_there(trunk, args.user) end
  if not args.yes and not prompt.confirm("The password of %s on the trunk %s of the account %s changes at once: logins "
    .. "with the old one fail from then on (--new-user keeps both for a while). Go on?", args.user, resolve.name(trunk),
    app:account()) then
    errors.fail("nothing was changed")
  end
  local data, info = passwords.send(app, args, trunk, args.user, function(password)
    return app:write(("the password of %s was changed"):format(args.user), function()
      return trunk:rotate_credential(args.user, password)
    end)
  end)
  passwords.done(app, args, info, data, "changed the password of %s on %s: the old one is good no more", args.user,
    resolve.name(trunk))
end

-- A second credential beside the first one ----------------------------------------------------------------------------

local function create(app, args, trunk)
  local data, info = passwords.send(app, args, trunk, args.new_user, function(password)
    return app:write(("the credential %s was created"):format(args.new_user), function()
      return trunk:rotate_credential(args.user, password, args.new_user)
    end)
  end)
  passwords.done(app, args, info, data, "created the credential %s on %s, id %s; %s is good, too, until "
    .. "`exotel credential rotate %s %s --new-user %s --delete-old`", args.new_user, resolve.name(trunk),
    data.id, args.user, resolve.argument(trunk), args.user, args.new_user)
end

local function delete_old(app, args, trunk, old)
  if not old then
    return app.out:done("present", nil, "already so: %s has %s, and no %s", resolve.name(trunk), args.new_user,
      args.user)
  end
  if not args.yes and not prompt.confirm("Delete the credential %s from the trunk %s of the account %s? %s is there.",
    args.user, resolve.name(trunk), app:account(), args.new_user) then
    errors.fail("nothing was deleted")
  end
  local data = app:write(("the credential %s was deleted"):format(args.user), function()
    return trunk:delete_credential(old.id)
  end)
  app.out:done("done", data, "%s: deleted the credential %s; %s is good", resolve.name(trunk), args.user, args.new_user)
end

local function with_overlap(app, args, trunk)
  local old, new = find(trunk, args.user), find(trunk, args.new_user)
  if args.delete_old then
    if not new then errors.fail("%s is not there yet: make it first, without --delete-old", args.new_user) end
    return delete_old(app, args, trunk, old)
  end
  if not old then not_there(trunk, args.user) end
  if new then
    errors.fail("%s is there already, and its password is not known here: `exotel credential rotate %s %s` sets it, "
      .. "and --delete-old deletes %s", args.new_user, resolve.argument(trunk), args.new_user,
      args.user)
  end
  if not args.yes and not prompt.confirm("Create the credential %s beside %s on the trunk %s of the account %s?",
    args.new_user, args.user, resolve.name(trunk), app:account()) then
    errors.fail("nothing was changed")
  end
  create(app, args, trunk)
end

local function rotate(app, args)
  check_arguments(app, args)
  local trunk = resolve.trunk(app:client(), args.trunk)
  if args.new_user then with_overlap(app, args, trunk) else at_once(app, args, trunk) end
end

return {
  name = "rotate", summary = "Give a credential a new password. Asks first.", run = rotate,
  arguments = { arguments.trunk, { name = "USER", text = "The user name." } },
  options = {
    { name = "--new-user", value = "NAME", text = "Make a second credential, so that both are good for a while." },
    { name = "--delete-old", text = "With --new-user, once that is in use: delete USER." },
    passwords.generating[1], passwords.generating[2], passwords.options[1], passwords.options[2], arguments.yes,
  },
  more = "The service has one password for a user name: without --new-user the old one ends at once. Whether calls "
    .. "and registrations under way go on is not documented; a login with the old one fails from then on. With "
    .. "--new-user the new one comes first, both are good, and --delete-old ends the old one when everything uses "
    .. "the new one.\nA generated password is in its file, or on the screen, before it is sent. In a pipe it is all "
    .. "that is printed on standard output: it is good if the exit status is 0. When a reply is lost either password "
    .. "may be good: keep both.",
  examples = {
    "exotel credential rotate outbound_trunk pbx1 --generate-password",
    "exotel credential rotate outbound_trunk pbx1 --new-user pbx1_b --generate-password --password-file pbx1_b",
    "exotel credential rotate outbound_trunk pbx1 --new-user pbx1_b --delete-old",
  },
}
