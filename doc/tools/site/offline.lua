-- Writes the search's index and worker as scripts, for pages that were opened as files: lua offline.lua SITE
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

text.write(site .. "/search/search_index.js", ("var __index = %s\n__search.index = Promise.resolve(__index)\n")
  :format(text.read(site .. "/search/search_index.json")))

local worker = json.encode(text.read(only_file("assets/javascripts/workers/search.*.min.js")))
text.write(site .. "/search/offline.js", ([[
window.Worker = class extends Worker {
  constructor(url, options) {
    const source = String(url).includes("/workers/search.") &&
      new Blob([%s], { type: "text/javascript" })
    super(source ? URL.createObjectURL(source) : url, options)
  }
}
]]):format(worker))
