--- Instructions of a call by exotel on Lua 5.4, as multiples of those of the same call in plain C. `make bench` prints
-- this table, and spec/bench/instructions_spec.lua holds it.
return { map = 1.82, list = 2.17 }
