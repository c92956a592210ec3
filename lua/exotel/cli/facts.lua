--- facts(descriptor, path) → what stat says of an open file. luaposix has no fstat; Linux shows descriptors as links.
-- Where /proc is not mounted the path has to do. nil when there is nothing.
local stat = require "posix.sys.stat"

return function(descriptor, path)
  return stat.stat(("/proc/self/fd/%d"):format(descriptor)) or stat.stat(path)
end
