--- Instructions of a call by exotel on Lua 5.4, as multiples of those of the same call in plain C. `make bench` prints
-- this table, and spec/bench/instructions_spec.lua holds it.
return { map = 1.05, list = 0.71 }
