---@meta exotel.provision

---What a trunk should be. What isn't mentioned, a field or a whole list, is left alone. What `update_trunk` and credentials do is known from the vendor's samples only.
---@class exotel.provision.Specification
---@field trunk_name string a trunk of that name is adopted
---@field trunk_sid? string finds the trunk when its name changes; it has to exist
---@field nso_code? string
---@field domain_name? string
---@field auth_type? string
---@field status? string
---@field registration_enabled? string
---@field edge_preference? string
---@field secure_trunking? string
---@field phone_numbers? (string|exotel.provision.Number)[]
---@field whitelisted_ips? (string|exotel.provision.Ip)[]
---@field destinations? (string|exotel.provision.Destination)[]
---@field alias? string the caller ID in E.164: short for the setting `trunk_external_alias`
---@field settings? table<string,string> values by name
---@field credentials? exotel.provision.Credential[]
---@field as_is? string[] names of values that are left to the service to judge, as entries have it: fields of the trunk, `alias`, `settings.NAME`
---@field absent? boolean true: there must be no such trunk, and one that exists is removed with all that it has. Nothing but `trunk_name`, `trunk_sid` or both may stand beside it. A trunk that still has numbers is removed only when the rule `delete_trunk` is allowed; those that go to another trunk of the same plan are moved first

---A desired phone number; a string is short for one without a mode.
---@class exotel.provision.Number
---@field phone_number string in E.164
---@field mode? "pstn"|"flow" ("pstn")
---@field as_is? boolean true leaves its values to the service to judge: `export` marks so what it held although the rules forbid to send it

---A desired IP; a string is short for one without a mask.
---@class exotel.provision.Ip
---@field ip string IPv4; `203.0.113.0/24` has the mask in it, also where a string is the whole entry
---@field mask? integer 16 to 32 (32)
---@field as_is? boolean as of a number

---A desired destination; a string is short for one without priority and weight.
---@class exotel.provision.Destination
---@field destination string `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>`, with or without `sip:`
---@field priority? integer 0 to 65535
---@field weight? integer 0 to 65535
---@field as_is? boolean as of a number

---A desired SIP digest credential. Without a password an existing one is left as it is, and a missing one can't be made.
---@class exotel.provision.Credential
---@field user_name string
---@field password? string set when the credential is made, and when it is rotated
---@field password_env? string instead: the environment variable that has it, read when it is needed
---@field friendly_name? string
---@field as_is? boolean as of a number

---Something that is wrong, or odd, with a specification. `tostring(problem)` is one line: `trunks.lua:12: error: trunk out: phone_nubmers is unknown in a specification: did you mean phone_numbers?`
---@class exotel.provision.Problem
---@field level "error"|"warning"|"note" a warning is about what works only in part, a note about what can't be told here
---@field rule exotel.provision.ProblemRule
---@field message string begins with the path
---@field file? string of a specification that was loaded
---@field line? integer where the value itself stands in the file; what is computed has none
---@field trunk_name? string
---@field index? integer which one it is, where its file, or what was given, is an array
---@field path? string in its specification, as `phone_numbers[3].mode`
---@field field? string the same among all specifications, as in an error
---@field suggestion? string what was probably meant

---What a problem is about.
---@alias exotel.provision.ProblemRule
---| "file" # the file can't be read, or holds no specification
---| "unknown" # a name that no specification has
---| "form" # a wrong type, or something that is missing
---| "value" # a value that breaks its rule; `as_is` leaves it to the service
---| "range" # an IP range that isn't one, or has host bits
---| "twice" # a name, an entry or a trunk that stands twice
---| "number_twice" # a number on two trunks
---| "ip_missing" # a destination on an IP that isn't whitelisted
---| "password" # a credential without one, or a variable that isn't set here

---Options of a plan.
---@class exotel.provision.PlanOptions
---@field prune? boolean also remove what the specification's lists don't hold (false)
---@field allow? exotel.provision.Rule[] rules that may be broken
---@field rotate? string[] user names of credentials whose password is set again
---@field only? string[] names or sids of trunks: the plan is about these only. All specifications are checked, and a number that would move between one of these and a trunk that is left out is refused, or stays

---Options of a check.
---@class exotel.provision.CheckOptions : exotel.provision.PlanOptions
---@field extras? "ignore" what is there beside the specification's lists is no drift

---Options of an apply. When it is given a plan: `allow`, `progress` and `stop` only.
---@class exotel.provision.ApplyOptions : exotel.provision.PlanOptions
---@field progress? fun(done:integer,total:integer,change:exotel.provision.Outcome) is called after each step; for the destinations of a trunk once they have been read back
---@field stop? fun():boolean is asked before each step: true ends it, and what is left is `not_tried`
---@field lock? boolean|number whether to take the account's lock of the client's store first, so that no other apply runs; or for how many seconds to wait for it (60). Without it: true where the client has a store

---What prune, and the removal of a trunk, do only when it is allowed, since it would cut calls off.
---@alias exotel.provision.Rule
---| "delete_trunk" # removing a trunk with phone numbers
---| "last_ip" # removing the last whitelisted IP
---| "last_destination" # removing the last destination
---| "shrink" # leaving less than half of a list

---One change.
---@class exotel.provision.Change
---@field action "create"|"add"|"update"|"remove"
---@field resource "trunk"|"phone_number"|"whitelisted_ip"|"destination"|"setting"|"credential"
---@field key string identifies what is changed on its trunk, in canonical form
---@field from? table its fields as they are
---@field to? table its fields as they should be
---@field trunk_name string
---@field trunk_sid? string where the trunk exists already
---@field id? string of what is changed or removed
---@field reason? "duplicate" of a removal that needs no `prune`: a second copy of a destination of the specification. Of several the one with the lowest id stays
---@field moved_from? string the trunk that a number is taken from; `from` is as it is there
---@field contents? table<string,string[]> of a trunk that is removed: the keys of what goes with it, by resource

---One change, and what became of it.
---@class exotel.provision.Outcome : exotel.provision.Change
---@field outcome exotel.provision.Result
---@field err? exotel.error.Error
---@field warnings? string[] what could not be read back, though the outcome is certain
---@field due? boolean true for what this run had to do; what was present before it began has none

---What became of a change.
---@alias exotel.provision.Result
---| "done" # it was made by this run
---| "present" # it was so before, or somebody else has made it so meanwhile
---| "ignored" # the service said success and answered with another value: `err.field` names it
---| "failed" # it was refused
---| "unknown" # a reply was lost, and reading back failed or found nothing: it may still take effect
---| "not_tried" # it was not sent

---What can't work, and nothing allows.
---@alias exotel.provision.Fault
---| "password" # a credential has to be made or rotated, and its password is missing, or its variable is not set
---| "number_twice" # the specifications have one number on two trunks
---| "number_elsewhere" # a number is on another trunk, which is not part of the plan, or whose specification has no `phone_numbers`; with them a number that is not in that list is moved. Only the first 20 numbers that are to be added are looked up; of others apply says it, when the service refuses them. With `only`: one of its two trunks is left out
---| "other_name" # a trunk that is to be absent has the `trunk_sid`, but not the `trunk_name` of the specification
---| "ip_missing" # a destination is on an IP that is whitelisted neither by the plan nor on the service

---What apply would refuse.
---@class exotel.provision.Refusal
---@field rule exotel.provision.Rule|exotel.provision.Fault
---@field trunk_name string
---@field resource string
---@field message string
---@field field? string where in the specification it stands, or would have to

---What is on a trunk beside a list of its specification. Only `prune` removes it.
---@class exotel.provision.Extra
---@field trunk_name string
---@field trunk_sid string
---@field resource "phone_number"|"whitelisted_ip"|"destination"|"setting"|"credential"
---@field key string as of a change
---@field id? string a setting has none
---@field wanted_by? string the trunk whose specification has it, where `only` leaves that out; with `prune` such a plan is refused

---An IP that prune leaves, since a destination needs it.
---@class exotel.provision.Kept
---@field trunk_name string
---@field resource string
---@field key string
---@field needed_by string the destination

---A trunk that a plan or report is about.
---@class exotel.provision.TrunkName
---@field trunk_name string
---@field trunk_sid? string where it exists already

---What a plan holds.
---@class exotel.provision.PlanFields
---@field changes exotel.provision.Change[]
---@field refused exotel.provision.Refusal[] what apply would refuse; empty mostly
---@field kept exotel.provision.Kept[]
---@field extras exotel.provision.Extra[]
---@field trunks exotel.provision.TrunkName[]
---@field left_out exotel.provision.TrunkName[] by `only`; empty mostly
---@field account string which account it is for: its sid, and the host
---@field made_at string when it was made: ISO 8601, UTC
---@field trunk_name? string of the trunk, if there is only one
---@field trunk_sid? string of the trunk, if there is only one

---How a plan is told.
---@class exotel.provision.TextOptions
---@field fold? boolean of more than 10 additions of one kind to one trunk only 3 lines, and how many more there are; nothing else is ever left out (false)
---@field command? boolean options are named as the command `exotel` has them: --prune (false)
---@field origin? boolean begin with when the plan was made, and for which account (false)
---@field words? "plan"|"drift" what would change, or how the service is and how it should be ("plan")

---How a report is told.
---@class exotel.provision.ReportOptions
---@field fold? boolean as of a plan, for what was not tried (false)
---@field command? boolean as of a plan (false)
---@field plan? exotel.provision.Plan what was shown before: only what went otherwise is told

---What a report holds.
---@class exotel.provision.ReportFields
---@field changes exotel.provision.Outcome[] all that is desired, including what was present. An update that completes a creation follows it when they come out differently, and the removal of a copy follows the destination
---@field trunks exotel.provision.TrunkName[]
---@field trunk_name? string of the trunk, if there is only one
---@field trunk_sid? string of the trunk, if there is only one

---What an export tells besides.
---@class exotel.provision.ExportInfo
---@field warnings string[] what the service may refuse when it has to be made again, marked `as_is`; what can't be understood, and is left out; what is there twice

---Options of an export of several trunks.
---@class exotel.provision.ExportOptions
---@field progress? fun(progress:exotel.overview.Progress) is called after each trunk; it counts trunks
---@field wait? fun(wait:exotel.overview.Wait) is called while no request may leave

---Options of a replacement.
---@class exotel.provision.ReplaceOptions
---@field keep_old? boolean adds what is new and removes nothing: run again without it, it completes (false)
---@field progress? fun(done:integer,total:integer,change:exotel.provision.Outcome) as of an apply
---@field stop? fun():boolean is asked before each step: true ends it, and what is left is `not_tried`

---What a replacement would do. `tostring(replacement)` is for people.
---@class exotel.provision.Replacement
---@field changes exotel.provision.Change[] in the order in which they are made
---@field kept exotel.provision.Kept[] the old IP, when a destination needs it that is not understood
---@field refused exotel.provision.Refusal[] what would be refused; empty mostly
---@field trunks exotel.provision.TrunkName[]
---@field trunk_name string
---@field trunk_sid string

---A plan, with the fields of `exotel.provision.PlanFields`. `tostring(plan)` is for people.
---@class exotel.provision.Plan : exotel.provision.PlanFields
local Plan = {}

---How many changes and extras there are: "3 to add, 1 to change, 0 to remove, 2 extra". A number's move is one change.
---@return string text
function Plan:summary() end

---What a person reads: a line for each change, extra and refusal under the name of its trunk; nothing of a trunk that stays as it is; the summary. `tostring(plan)` is the same without options.
---Raises for an unknown option or one of the wrong type.
---@param options? exotel.provision.TextOptions
---@return string text
function Plan:text(options) end

---The same as Markdown, for a pull request, the summary first. Nothing that comes from the service or a file is markup, a link or a mention in it.
---Raises for an unknown option or one of the wrong type.
---@param options? exotel.provision.TextOptions
---@return string text
function Plan:markdown(options) end

---Makes text of it, JSON, which `restore` reads. It holds no password: name a variable with `password_env`.
---@return string? text
---@return exotel.error.Error? err kind `config`: a password that would be needed stands in the specification itself
function Plan:save() end

---A report, with the fields of `exotel.provision.ReportFields`. `tostring(report)` is for people.
---@class exotel.provision.Report : exotel.provision.ReportFields
local Report = {}

---What was done, and how many changes came to another outcome: "3 added, 1 changed, 0 removed, 1 failed". What was present before is not counted.
---@return string text
function Report:summary() end

---What a person reads: a line for each change that was due, with its outcome; the summary. `tostring(report)` is the same without options.
---Raises for an unknown option or one of the wrong type.
---@param options? exotel.provision.ReportOptions
---@return string text
function Report:text(options) end

---Desired state in, changes out: trunks as their specifications say, whatever was there before.
---@class exotel.provision
local M = {}

---Reads a file of specifications. A `.lua` file returns one or an array of them, and runs in a Lua of its own with no access to anything: no globals, no methods of strings, 2 million instructions, 64 MiB and a second of processor time at most. It returns data only; no table has more than 32,768 names, no list more than 65,536 entries. A `.json` file holds the same. Both are UTF-8, with or without a byte order mark. What they say is checked by `validate`, and when they are planned or applied; what is wrong then has its file and line.
---@param path string `-` is standard input
---@return exotel.provision.Specification[]? specifications
---@return exotel.error.Error? err kind `config`, with `file`, and `line` where it is known: the file can't be read, or is no specification
function M.load(path) end

---Reads several files, and checks what they say, each and together.
---@param paths string[]
---@return exotel.provision.Specification[] specifications of all files that can be read
---@return exotel.provision.Problem[] problems
function M.load_all(paths) end

---Checks specifications as far as that needs no account and no network: names, values, what stands twice, numbers on two trunks, destinations on an IP that the specification doesn't whitelist. An error keeps `apply` from making such a trunk; one with the rule `ip_missing` does so only where the service doesn't whitelist the IP either.
---@param specifications exotel.provision.Specification|exotel.provision.Specification[]
---@return boolean good true, or nil when there is an error
---@return exotel.provision.Problem[] problems by file and line; warnings and notes, too
function M.validate(specifications) end

---Lays a file out anew, for people and version control: two spaces a level, `name = value`, a comma behind each entry, a table on one line where it stood so and fits. Order, comments and single empty lines stay; JSON has each value on a line of its own. It says the same as before, and laying it out again changes nothing.
---@param path string as for `load`
---@return string? text what the file should hold
---@return string|exotel.error.Error bytes what it holds
function M.reformat(path) end

---Writes a file that `load` reads. Passwords that stand in a specification are written as they stand there.
---@param specifications exotel.provision.Specification|exotel.provision.Specification[]
---@param form "lua"|"json"
---@return string text
function M.format(specifications, form) end

---Reads a trunk as a specification; planning that changes nothing, but for second copies of a destination. It has every list, and no passwords, which the service doesn't show.
---@param client exotel.client.Client
---@param trunk_sid string
---@return exotel.provision.Specification? specification
---@return exotel.provision.ExportInfo|exotel.error.Error info
function M.export(client, trunk_sid) end

---Reads several trunks as specifications, many at once, as `export` reads one.
---Raises for an unknown option or one of the wrong type.
---@param client exotel.client.Client
---@param trunk_sids string[]
---@param options? exotel.provision.ExportOptions
---@return exotel.provision.Specification[]? specifications in the order given
---@return exotel.provision.ExportInfo[]|exotel.error.Error infos
function M.export_all(client, trunk_sids, options) end

---Says what would change. Reads only.
---Raises for an unknown option or one of the wrong type.
---@param client exotel.client.Client
---@param specifications exotel.provision.Specification|exotel.provision.Specification[]
---@param options? exotel.provision.PlanOptions
---@return exotel.provision.Plan? plan
---@return exotel.error.Error? err
function M.plan(client, specifications, options) end

---Tells whether the service differs from the specification: something would change, or is extra.
---@param client exotel.client.Client
---@param specifications exotel.provision.Specification|exotel.provision.Specification[]
---@param options? exotel.provision.CheckOptions
---@return boolean? fine true when it is as specified, false when it differs
---@return exotel.provision.Plan|exotel.error.Error plan what differs; without a change where nothing does
function M.check(client, specifications, options) end

---Reads a plan that was saved. Its digest tells of accidents only: who means harm can compute it, too.
---@param text string what `plan:save` made
---@return exotel.provision.Plan? plan
---@return exotel.error.Error? err kind `config`: the text is no saved plan, was edited or damaged, or is another version's
function M.restore(text) end

---Plans, then does what is missing, in an order that works; removals come last, and only when all else went well. After a reply that was lost it reads the service and goes on from what is true; what somebody else makes meanwhile is taken as it is, and a copy of a destination that both have added is removed. A plan is applied exactly as it is: when something else would be due, since the service has changed, err is of kind `conflict`. Then, and when `plan.refused` holds something (kind `invalid_argument`), nothing is written. With a store one apply on an account runs at a time: see the option `lock`. One that has lost its lock makes no further write.
---Raises for an unknown option or one of the wrong type.
---@param client exotel.client.Client
---@param subject exotel.provision.Specification|exotel.provision.Specification[]|exotel.provision.Plan
---@param options? exotel.provision.ApplyOptions
---@return exotel.provision.Report? report
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it; `conflict` with `host`, `user`, `process` and `since` when somebody else held the lock for too long
---@return exotel.provision.Report? report what became of every change
function M.apply(client, subject, options) end

---Says what `replace_ip` would do. Reads only.
---Raises on misuse.
---@param client exotel.client.Client
---@param trunk_sid string
---@param old string an IP, or a range as `203.0.113.0/24`
---@param new string the same
---@param options? exotel.provision.ReplaceOptions
---@return exotel.provision.Replacement? replacement
---@return exotel.error.Error? err kind `conflict` when a destination is on a range, so that its new address can't be told; `not_found` when the old IP is not there and the new one neither
function M.plan_ip_replacement(client, trunk_sid, old, new, options) end

---Replaces an IP of a trunk, such as that of a PBX, in an order that keeps calls up: whitelists the new one, adds each destination of the old one with the new address (port, parameters, priority and weight stay), reads all of it back, and only then removes the old destinations and, at the end, the old IP. When something new could not be added, or it is not known whether it was, nothing is removed. Run again, it completes what was begun. The old IP stays while another destination needs it.
---Raises on misuse.
---@param client exotel.client.Client
---@param trunk_sid string
---@param old string an IP, or a range that no destination is on
---@param new string the same
---@param options? exotel.provision.ReplaceOptions
---@return exotel.provision.Report? report
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it
---@return exotel.provision.Report? report what became of every change, or nil when nothing was tried
function M.replace_ip(client, trunk_sid, old, new, options) end

return M
