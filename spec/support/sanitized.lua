--- Whether this is a build with sanitizers. They look at memory, and have seen all there is to see after a part of the
-- random runs that a mistake in what is decided may take: that is found without them, by all of the runs.
local sanitized = {}

sanitized.is = os.getenv("ASAN_OPTIONS") ~= nil

--- → how many of `count` runs there are to be
function sanitized.fewer(count) return sanitized.is and math.ceil(count / 5) or count end

return sanitized
