--- The functions with which shells complete command lines of exotel. They ask the command, which is fast and knows what
-- follows; what begins so, and how it is put into quotes, is left to zsh and fish, while bash leaves it to the command.
local M = {}

M.bash = [=[
# Completes exotel in bash; made by `exotel completion bash`.
_exotel() {
  local command=exotel kind='' line
  [[ $1 != */* ]] || command=$1
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -n $kind ]]; then COMPREPLY+=("$line"); else kind=$line; fi
  done < <("$command" __complete bash "$COMP_WORDBREAKS" 2>/dev/null <<<"${COMP_LINE:0:COMP_POINT}")
  case $kind in
  open) compopt -o nospace 2>/dev/null ;;
  files) compopt -o default 2>/dev/null ;;
  folders) compopt -o dirnames 2>/dev/null ;;
  program) _exotel_program ;;
  esac
}
# Behind `--` stands another command line.
_exotel_program() {
  local first=1 line
  while [[ $first -lt $COMP_CWORD && ${COMP_WORDS[first]} != -- ]]; do ((first++)); done
  if declare -F _command_offset >/dev/null; then
    _command_offset $((first + 1))
  elif ((COMP_CWORD == first + 1)); then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _exotel exotel
]=]

M.zsh = [=[
#compdef exotel
# Completes exotel in zsh; made by `exotel completion zsh`.
_exotel() {
  local command=exotel kind current line first
  local -a answer texts shown
  [[ $words[1] != */* ]] || command=${(Q)words[1]}
  current=$PREFIX
  [[ -n $compstate[quote] ]] || current=${(Q)PREFIX}
  answer=("${(@f)$(print -rl -- "${(@Q)words[2,CURRENT-1]}" "$current" | "$command" __complete words 2>/dev/null)}")
  kind=$answer[1]
  shift answer
  for line in "${answer[@]}"; do
    texts+=("${line%%$'\t'*}")
    if [[ $line == *$'\t'* ]]; then shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}"); else shown+=("$line"); fi
  done
  case $kind in
    words) compadd -l -d shown -a texts ;;
    open) compadd -S '' -l -d shown -a texts ;;
    files) compset -P '--*='; _files ;;
    folders) compset -P '--*='; _files -/ ;;
    program) first=${words[(i)--]}; shift $first words; (( CURRENT -= first )); _normal ;;
  esac
}
if [[ $funcstack[1] == _exotel ]]; then _exotel "$@"; else compdef _exotel exotel; fi
]=]

M.fish = [=[
# Completes exotel in fish; made by `exotel completion fish`.
function __exotel_complete
    set -l given (commandline -opc)
    set -l current (commandline -ct)
    set -l command exotel
    while string match -qr '^\w+=' -- $given[1]; set -e given[1]; end
    string match -q '*/*' -- $given[1]; and set command $given[1]
    set -e given[1]
    set -l text (string unescape -- $current; or string replace -r '^[\'"]' '' -- $current)
    set -l answer (printf '%s\n' $given "$text" | $command __complete words 2>/dev/null)
    switch "$answer[1]"
        case words open
            set -e answer[1]
            printf '%s\n' $answer
        case files folders
            set -l option (string match -r '^--[^=]*=' -- $text)
            set -l path (string replace -r '^--[^=]*=' '' -- $text)
            set -l found (__fish_complete_path "$path")
            test $answer[1] = folders; and set found (string match -r '.*/(?:\t.*)?$' -- $found)
            test (count $found) -gt 0; and printf '%s\n' "$option"$found
        case program
            set -l first (contains -i -- -- $given)
            set -e given[1..$first]
            complete -C (string join ' ' -- (string escape -- $given) $current)
    end
end
complete -c exotel -f -a '(__exotel_complete)'
]=]

return M
