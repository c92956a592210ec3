--- What a kind of resource says of itself. Everything that is peculiar to one stands in its own file; all other code
-- works with any of them, and asks for what it can do, not for its name. A kind has
--
--   name                     in plans and reports
--   noun                     for people
--   fields(source)           what matters of an entry of a specification, or of one that exists on the service
--   key(fields)              identifies one on its trunk
--   key_fields               the fields that the key consists of, as a set
--   required                 fields that one that exists must have, and
--   is_readable(existing)    whether the others make sense; if not, it is left alone
--   compared                 the fields that can differ under one key; what an entry leaves out (nil) is left alone
--
-- operations of the service, each with its arguments but for the trunk's sid:
--   list
--   add                      and add_arguments(item); added(data): the one that was added, of what add answers
--   update                   and update_arguments(item, existing, step); nil where nothing can differ
--   remove                   and remove_arguments(existing)
--
-- how a specification has it:
--   spec_key, spec_keys      the name of its list, and all names that it reads
--   is_list                  false: a table of values by name
--   short                    the field that a string stands for; nil: an entry is always a table
--   entry_names              the fields of an entry, in the order in which a person writes them
--   examples                 values of those that an entry can't leave out
--   choices                  of some fields, all values that they can have
--   words                    what people call a field that has another name here
--   normalize(entry, path)   brings several spellings of an entry into one, or raises what is wrong with it
--   check_entry(kind, reading, entry, path, short)  → nil, or the fault of a value (see resources.validation)
--   read_entries(kind, reading, spec, prefix)       → the items of a specification (see resources.items)
--   write_entries(kind, spec, items)                puts them into a specification again
--   remark(item)             what is odd about one without being wrong, and what may be meant; or nil
--   plain_entry(entry)       an entry without its secrets
--   export_entry(existing, fields)                  → the shortest entry that says what exists
--   export_entries(kind, existing)                  → what a specification says when all that exists is desired
--   mark_as_is(kind, spec, items, i)                marks, in the specification that was read as `items`, that the
--                            values of the i-th are left to the service
--   has_value(spec, name)    whether a specification has a value of that name, which `as_is` can name; nil: the entries
--                            are marked themselves
--
-- and, where it applies:
--   updated_after_add        add doesn't take the compared fields: an update sets them once it has been read back, as
--                            what appends is
--   appends                  the service adds a second one of the same key without an error
--   elsewhere(client, trunk_sid, fields, options)   → where one is that conflicts but isn't on this trunk, or nil
--   one_trunk                the same can be on one trunk only: it must leave one before it goes to another. { twice,
--                            elsewhere: the rules by which a plan refuses it; where(key) → the operation that finds its
--                            trunk, and arguments; found(data, trunk_sid) → another trunk's sid in its answer, or nil }
--   needs                    { kind, of(key), is_met_by(fields, need), rule, lack }: the service accepts one only while
--                            one of that other kind meets its need; of(key) is nil for one that has none. A plan
--                            refuses one whose need is not met by that rule; `lack` says so in words
--   safety                   removing most of the list has to be allowed; { last = the rule for removing the last one }
--   password                 it has one; see resources.password
local items = require "exotel.resources.items"

local M = {}

local defaults = {
  is_list = true, compared = {}, entry_names = {}, examples = {}, choices = {}, words = {},
  is_readable = function() return true end,
  added = function(data) return data end,
  remove_arguments = function(existing) return { id = existing.id } end,
  normalize = function() end,
  remark = function() end,
  plain_entry = function(entry) return entry end,
  check_entry = items.check_entry, read_entries = items.read_list, write_entries = items.write_list,
  export_entries = items.export_list, mark_as_is = items.mark_in_list,
}

--- kind.new(fields) → a kind that has these, and the defaults for all others.
function M.new(fields)
  local kind = { spec_keys = { fields.spec_key } }
  for _, source in ipairs { defaults, fields } do
    for name, value in pairs(source) do kind[name] = value end
  end
  return kind
end

return M
