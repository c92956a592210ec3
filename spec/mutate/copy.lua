--- A working copy to put mutants into: lua5.4 spec/mutate/copy.lua FOLDER
-- The files of this tree, and its builds, so that what is built there is only what a mutant changes. A copy that is
-- there already is brought up to date: a file that is the same keeps its time.
package.path = "./?.lua;" .. package.path
local files = require "spec.mutate.files"

local BUILDS = { "c-plain", "lua5.4-plain", "lua5.3-plain", "lua5.1-plain", "luajit-plain",
  "lua5.1-plain-gnutls", "lua5.4-plain-gnutls" }

local folder = arg[1]
local quoted = files.quoted

local function copy_builds()
  files.run("mkdir -p " .. quoted(folder .. "/build"))
  for _, name in ipairs(BUILDS) do
    if files.run("test -d build/" .. name) then
      assert(files.run(("cp -a build/%s %s/build/"):format(name, quoted(folder))))
    end
  end
end

-- With its time while the builds are younger, else as changed now.
local function copy(path, options)
  local target = folder .. "/" .. path
  assert(files.run(("mkdir -p %s && cp %s %s %s"):format(quoted((target:gsub("/[^/]*$", ""))), options, quoted(path),
    quoted(target))))
end

local function here()
  local paths = {}
  for _, path in ipairs(files.lines_of("git ls-files --cached --others --exclude-standard")) do
    if files.read(path) then paths[path] = true end
  end
  return paths
end

-- What an earlier copy has and this tree has not any more.
local function drop_others(paths)
  local command = "cd " .. quoted(folder) .. " && find . -path ./build -prune -o -path ./.git -prune -o -type f -print"
  for _, path in ipairs(files.lines_of(command)) do
    if not paths[path:sub(3)] then os.remove(folder .. "/" .. path) end
  end
end

-- Linters and tests of packaging ask git what is there.
local function make_repository()
  assert(files.run(("cd %s && git init -q && git add -A && git -c user.name=m -c user.email=m commit -qm copy")
    :format(quoted(folder))))
end

local is_new = not files.run("test -d " .. quoted(folder .. "/.git"))
if is_new then
  files.run("rm -rf " .. quoted(folder))
  copy_builds()
end
local paths = here()
for path in pairs(paths) do
  if files.read(path) ~= files.read(folder .. "/" .. path) then
    copy(path, is_new and "--preserve=mode,timestamps" or "--preserve=mode")
  end
end
drop_others(paths)
if is_new then make_repository() end
