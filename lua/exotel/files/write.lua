--- Writes a file as a whole.
--
-- write(path, text) → true; or nil, message, and the old one stays. A new file is for its owner only, an old one keeps
-- its mode. What a link leads to is written, but no link of somebody else's in a folder that others can write to.
return require("exotel.core").write_file
