--- The one way of text from elsewhere to a terminal: values of the service, of files, of arguments.
--
-- plain(value [, mark]) → tostring(value) without what controls a terminal or hides what is written. A run of control
-- characters becomes a space, or each one `mark`. C1 controls, what turns the direction of writing, line separators and
-- byte order marks are shown as \u{202E}, bytes that are no UTF-8 as \x9B; all other characters are left as they are.
return require("exotel.core").plain
