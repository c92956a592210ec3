-- Writes the search's index and worker as a script, for pages that were opened as files: lua offline.lua SITE
local json = require "exotel.json"
local text = require "doc.tools.site.text"

local site = assert(arg[1], "usage: offline.lua SITE")

local function only_file(pattern)
  local pipe = assert(io.popen("ls " .. site .. "/" .. pattern))
  local path, more = pipe:read("*l"), pipe:read("*l")
  pipe:close()
  assert(path and not more, "there should be one " .. pattern)
  return path
end

local index = text.read(site .. "/search/search_index.json")
local worker = text.read(only_file("assets/javascripts/workers/search.*.min.js"))
text.write(site .. "/search/offline.js", ([[
__search.index = Promise.resolve(%s)
__search.worker = URL.createObjectURL(new Blob([%s], { type: "text/javascript" }))
]]):format(index, json.encode(worker)))
