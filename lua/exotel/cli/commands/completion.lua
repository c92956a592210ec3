--- exotel completion: prints the script with which a shell completes command lines.
local scripts = require "exotel.cli.complete.scripts"

local function completion(app, args) app.out:text(scripts[args.shell]) end

return {
  name = "completion",
  summary = "Print the completion script for bash, zsh or fish.",
  run = completion,
  arguments = { { name = "SHELL", choices = { "bash", "zsh", "fish" }, text = "bash, zsh or fish." } },
  more = "Completes commands, options and their values, profiles, and the names of trunks. For these the service is "
    .. "asked, at most for a second, and what it says is kept for a minute below $XDG_CACHE_HOME/exotel "
    .. "(~/.cache/exotel), without keys.",
  examples = {
    "eval \"$(exotel completion bash)\"                    # in ~/.bashrc",
    "exotel completion zsh > ~/.zfunc/_exotel            # in a folder of $fpath",
    "exotel completion fish > ~/.config/fish/completions/exotel.fish",
  },
}
