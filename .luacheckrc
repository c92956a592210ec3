std = "max"
max_line_length = 120
-- Rows of a table of cases read better unbroken.
files["spec"] = { std = "+busted", max_line_length = false }
files["rockspec"] = { std = "+rockspec" }
