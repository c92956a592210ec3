--- columns(descriptor) → how many columns the terminal of a descriptor has; 0 where it is none, or doesn't say.
local core = require "exotel.core"

return core.terminal_columns
