--- exotel completion: prints the script with which a shell completes command lines.
local errors = require "exotel.cli.errors"
local parser = require "exotel.cli.parser"

local SCRIPTS = { bash = "get_bash_complete", zsh = "get_zsh_complete", fish = "get_fish_complete" }

local function completion(app, args)
  local command_line = parser.build(app.commands)
  app.out:text(command_line[SCRIPTS[args.shell]](command_line))
  return errors.status.done
end

return {
  name = "completion",
  summary = "Print the completion script for bash, zsh or fish.",
  run = completion,
  arguments = { { name = "SHELL", choices = { "bash", "zsh", "fish" }, text = "bash, zsh or fish." } },
  examples = {
    "eval \"$(exotel completion bash)\"                    # in ~/.bashrc",
    "exotel completion zsh > ~/.zfunc/_exotel            # in a folder of $fpath",
    "exotel completion fish > ~/.config/fish/completions/exotel.fish",
  },
}
