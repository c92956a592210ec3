---@meta exotel.json

---How JSON is written.
---@class exotel.json.Options
---@field indent? integer spaces a level, each item on a line of its own

---JSON for files and output: the strict reader of the C core, and a writer whose text is the same with every Lua.
---@class exotel.json
local M = {}

---Reads strict JSON (RFC 8259, UTF-8), at most 64 levels, 1,000,000 values and 32 MiB. An object becomes a table by name, an array a sequence (an empty one is written as `[]` again), null nil, but exotel.null in an array, where all keep their places. An integer of more than 15 digits, and one under `id` or a name that ends in `_id` or `_sid`, is a string. Refused are a name that stands twice in one object, a number that no double holds, a NUL, and texts that take far longer than usual to read, as some made for that do.
---@param text string
---@return any? value
---@return string? message of `null` there is none
---@return integer? line where it is known
function M.decode(text) end

---Writes JSON. Names are sorted. A table that is a sequence is an array, `{}` an object unless `array` has marked it; exotel.null and nil are null.
---Raises with the place, for what JSON can't say: other types, NaN and infinities, text that isn't UTF-8, holes, mixed keys, more than 64 levels, a table that holds itself.
---@param value any
---@param options? exotel.json.Options
---@return string text
function M.encode(value, options) end

---Marks a table as an array, so that it is one in JSON when it is empty, too. The mark is its metatable.
---@param sequence table
---@return table sequence the same
function M.array(sequence) end

return M
