--- The vendor's reference, spec/seed/reference.txt, taken apart by code: no byte of an answer is copied by hand.
local seed = {}

local function read_reference()
  local file = assert(io.open("spec/seed/reference.txt", "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function depth_of(line)
  local _, opened = line:gsub("[{%[]", "")
  local _, closed = line:gsub("[}%]]", "")
  return opened - closed
end

--- The answers, in the order of the text, each byte for byte: from a line that is "{" to the one that closes it.
function seed.answers()
  local answers, lines, depth = {}, {}, 0
  for line in (read_reference() .. "\n"):gmatch("(.-)\n") do
    if depth > 0 or line == "{" then
      lines[#lines + 1] = line
      depth = depth + depth_of(line)
      if depth == 0 then answers[#answers + 1], lines = table.concat(lines, "\n"), {} end
    end
  end
  return answers
end

local function read_example(line)
  local example = { headers = {} }
  example.method, example.url = line:match('^curl %-X (%u+) "([^"]+)"')
  for name, value in line:gmatch('%-H "([^:"]+): ([^"]+)"') do example.headers[name:lower()] = value end
  example.body = line:match("%-d '([^']*)'")
  return example
end

--- The curl commands, in the order of the text: { method, url, headers (by lower-case name), body or nil }.
function seed.examples()
  local examples = {}
  for line in read_reference():gmatch("[^\n]+") do
    if line:find("^curl ") then examples[#examples + 1] = read_example(line) end
  end
  return examples
end

--- The URL without its scheme, credentials and host, with an account and a trunk put into it.
function seed.target(url, account_sid, trunk_sid)
  local target = url:match("^https://<your_api_key>:<your_api_token>@<subdomain>(/.*)$")
  return (target:gsub("<your_sid>", account_sid):gsub("<trunk_sid>", trunk_sid))
end

return seed
