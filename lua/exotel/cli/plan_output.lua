--- How plan, apply and check show plans and reports: as text, as JSON, as Markdown.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local screen = require "exotel.cli.terminal.screen"
local wording = require "exotel.cli.wording"

local M = {}

--- Raises an error when more than one form of output was asked for.
function M.check_form(args)
  if args.json and args.markdown then errors.usage("--json and --markdown exclude each other") end
end

local COLOURS = { ["+"] = "green", ["~"] = "yellow", ["*"] = "yellow", ["-"] = "red", ["!"] = "red" }

local function colour_of(line)
  local bad = line:find(": failed", 1, true) or line:find(": unknown", 1, true) or line:find(": ignored", 1, true)
  return bad and "red" or COLOURS[line:match("^%s*(%S)")]
end

local function with_command(options)
  local all = { command = true }
  for name, value in pairs(options or {}) do all[name] = value end
  return all
end

-- Lines of a plan hang this much, and what one is wrapped to a little more.
local HANGING = 6

--- The text of a plan or report, in colours where they are shown. On a terminal a long line is wrapped, and long runs
-- of additions are folded unless --full was given; elsewhere nothing is. `options`: of its method `text`; `terminal`:
-- whether it goes to one.
function M.text(app, subject, terminal, options)
  local all, lines = with_command(options), {}
  all.fold = terminal and not app.args.full
  for line in subject:text(all):gmatch("[^\n]+") do
    local colour = colour_of(line)
    for _, piece in ipairs(terminal and screen.wrap(line, HANGING) or { line }) do
      lines[#lines + 1] = screen.paint(colour, piece) .. "\n"
    end
  end
  return table.concat(lines)
end

-- A list that a report doesn't have, too, is left out.
local function array_or_nil(list) return list and json.array(list) end

-- A report has none.
local function refused_or_nil(list)
  if not list then return nil end
  return json.array(wording.reasons(list))
end

-- A plan or report as JSON has it. `more`: further fields.
local function document_of(subject, more)
  local document = {
    changes = json.array(subject.changes), refused = refused_or_nil(subject.refused), kept = array_or_nil(subject.kept),
    extras = array_or_nil(subject.extras), left_out = array_or_nil(subject.left_out),
    trunks = json.array(subject.trunks), account = subject.account, made_at = subject.made_at,
    summary = subject:summary(),
  }
  for name, value in pairs(more or {}) do document[name] = value end
  return document
end

--- Shows a plan or report: as text, as JSON, or a plan as Markdown. `options`: of its method `text`; `more`: further
-- fields of the JSON.
function M.show(app, subject, options, more)
  if app.out.json then return app.out:value(document_of(subject, more)) end
  if app.args.markdown then return app.out:text(subject:markdown(with_command(options))) end
  if not app.out.quiet then app.out:text(M.text(app, subject, screen.stdout_is_terminal(), options)) end
end

return M
