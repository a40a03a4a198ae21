/** What makes a shell complete `pgaf`: each asks the program itself, so that it knows the nodes of the configuration of the moment. */
export const completionScripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# pgaf completion for bash: source <(pgaf completion bash)
_pgaf() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pgaf pgaf`,
  zsh: `#compdef pgaf
# pgaf completion for zsh: source <(pgaf completion zsh)
_pgaf() {
  local -a lines found
  local line
  lines=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    [[ -z $line ]] && continue
    if [[ $line == :files ]]; then
      _files
      return
    fi
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe pgaf found
}
if [[ \${funcstack[1]} == _pgaf ]]; then
  _pgaf
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
  compdef _pgaf pgaf
fi`,
  fish: `# pgaf completion for fish: pgaf completion fish | source
function __pgaf_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if test "$found" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c pgaf -f -a '(__pgaf_complete)'`,
};
