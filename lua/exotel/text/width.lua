--- width(text) → how many columns of a terminal a text takes: two for Chinese characters and emoji, none for combining
-- marks. It is that of the C library's wcwidth, whatever the locale.
local core = require "exotel.core"

return core.text_width
