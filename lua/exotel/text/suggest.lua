--- The known word that a mistyped one was probably meant to be.
local M = {}

local function are_swapped(a, b, i, j)
  return i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j)
end

-- The distance between the first i letters of a and the first j of b, from the distances of shorter ones.
local function step(rows, a, b, i, j)
  local cost = a:byte(i) == b:byte(j) and 0 or 1
  local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
  return are_swapped(a, b, i, j) and math.min(best, rows[i - 2][j - 2] + 1) or best
end

-- No word that anybody has mistyped is longer: the distance takes the product of both lengths.
local LONGEST = 64

-- The edit distance: letters inserted, deleted, replaced, or two neighbours swapped.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do rows[i][j] = step(rows, a, b, i, j) end
  end
  return rows[#a][#b]
end

--- suggest.nearest(word, words) → the one of `words` that is nearest to `word`, or nil if none is near.
function M.nearest(word, words)
  if #word > LONGEST then return nil end
  local best, best_distance = nil, math.max(1, math.floor(#word / 3)) + 1
  for _, candidate in ipairs(words) do
    local is_far = math.abs(#word - #candidate) >= best_distance -- each letter more is an edit
    local d = is_far and best_distance or distance(word:lower(), candidate:lower())
    if d < best_distance then best, best_distance = candidate, d end
  end
  return best
end

local function holds(long, short) return #short >= 2 and long:find(short, 1, true) ~= nil end

--- suggest.meant(word, words) → the nearest one, or else the only one of `words` that the word is a part of, or that is
-- a part of it; nil if there is none.
function M.meant(word, words)
  local nearest, related = M.nearest(word, words), nil
  if nearest or #word > LONGEST then return nearest end
  for _, candidate in ipairs(words) do
    local one, other = word:lower(), candidate:lower()
    if holds(one, other) or holds(other, one) then
      if related then return nil end
      related = candidate
    end
  end
  return related
end

return M
