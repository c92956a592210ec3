--- What the commands that list share: which columns are shown, and whether as CSV.
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local suggest = require "exotel.text.suggest"

local M = {}

M.options = {
  { name = "--columns", value = "A,B,C", text = "Only these columns, in this order; with --json only these fields." },
  { name = "--csv", text = "CSV with a line of names, which `exotel number import` and spreadsheets read." },
}

local function names_of(columns, more)
  local names, by_name = {}, {}
  for _, column in ipairs(columns) do names[#names + 1], by_name[column.field] = column.field, column end
  for _, name in ipairs(more or {}) do
    if not by_name[name] then names[#names + 1], by_name[name] = name, { field = name } end
  end
  return names, by_name
end

local function unknown(word, names)
  local meant = suggest.meant(word, names)
  errors.usage("--columns: there is no column %q%s; there are: %s", word,
    meant and (" (did you mean %s?)"):format(meant) or "", table.concat(names, ", "))
end

local function chosen(text, columns, more)
  local names, by_name = names_of(columns, more)
  local list = {}
  for word in (text .. ","):gmatch("%s*([^,]-)%s*,") do
    if word == "" then errors.usage("--columns: a name is empty; there are: %s", table.concat(names, ", ")) end
    list[#list + 1] = by_name[word:lower()] or unknown(word, names)
  end
  return list
end

-- Of each item the fields that were asked for. One that an item doesn't have is null.
local function picked(items, columns)
  local list = {}
  for i, item in ipairs(items) do
    list[i] = {}
    for _, column in ipairs(columns) do
      local value = item[column.field]
      list[i][column.field] = value == nil and exotel.null or value
    end
  end
  return list
end

--- listing.new(app, args, columns, more) → a function `show(items, nothing)`, which writes a list as Output:list does.
-- To be called before any request: it raises what is wrong with the options. `columns`: those that are shown unless
-- others are asked for, as Output:list takes them; `more`: the names of others that there are, or nil.
function M.new(app, args, columns, more)
  if args.csv and args.json then errors.usage("--csv and --json exclude each other") end
  local wanted = args.columns and chosen(args.columns, columns, more)
  return function(items, nothing)
    if app.out.json and wanted then items = picked(items, wanted) end
    app.out:list(wanted or columns, items, nothing, args.csv)
  end
end

--- listing.with(options, ...) → an array of these options and further ones.
function M.with(options, ...)
  local all = { ... }
  for i = #options, 1, -1 do table.insert(all, 1, options[i]) end
  return all
end

return M
