std = "max"
max_line_length = 120
-- Definitions without bodies, for editors.
exclude_files = { "doc/luals" }
-- Rows of a table of cases read better unbroken.
files["spec"] = { std = "+busted", max_line_length = false }
files["doc/tools/operation_examples.lua"] = { max_line_length = false }
