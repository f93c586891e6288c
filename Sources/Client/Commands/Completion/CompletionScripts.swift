/// What shells run to complete our command lines; each asks `skiff __complete`.
enum CompletionScripts {
  static let bash = #"""
    # bash completion for skiff
    _skiff() {
      local line=${COMP_LINE:0:COMP_POINT} words answer directive typed kept text
      read -ra words <<< "$line"
      [[ $line == *[[:space:]] ]] && words+=("")
      typed=${words[${#words[@]}-1]}
      mapfile -t answer < <("${words[0]}" __completeNoDesc "${words[@]:1}" 2>/dev/null)
      [[ ${#answer[@]} -gt 0 ]] || return
      directive=${answer[${#answer[@]}-1]#:}
      unset "answer[${#answer[@]}-1]"
      # Where a colon or an equals sign breaks words, readline replaces only what stands behind it.
      kept=
      [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && kept=${typed%"${typed##*:}"}
      [[ $COMP_WORDBREAKS == *=* && ${typed#"$kept"} == *=* ]] && kept=${typed%"${typed##*=}"}
      COMPREPLY=()
      for text in "${answer[@]}"; do COMPREPLY+=("${text#"$kept"}"); done
      (( directive & 2 )) && compopt -o nospace
      if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        if (( directive & 16 )); then
          compopt -o filenames
          mapfile -t COMPREPLY < <(compgen -d -- "${typed#"$kept"}")
        elif (( ! (directive & 4) )); then
          compopt -o filenames
          mapfile -t COMPREPLY < <(compgen -f -- "${typed#"$kept"}")
        fi
      fi
    }
    complete -F _skiff skiff

    """#

  static let zsh = #"""
    #compdef skiff
    # zsh completion for skiff
    _skiff() {
      local -a answer plain described
      local directive line text about
      answer=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
      directive=${answer[-1]#:}
      answer[-1]=()
      local -a space
      (( directive & 2 )) && space=(-S '')
      for line in "${answer[@]}"; do
        [[ -n $line ]] || continue
        text=${line%%$'\t'*}
        plain+=("$text")
        if [[ $line == *$'\t'* ]]; then described+=("$text -- ${line#*$'\t'}"); else described+=("$text"); fi
      done
      if (( $#plain )); then
        compadd "${space[@]}" -l -d described -- "${plain[@]}"
      elif (( directive & 16 )); then
        _files -/
      elif (( ! (directive & 4) )); then
        _files
      fi
    }
    if [ "$funcstack[1]" = "_skiff" ]; then _skiff "$@"; else compdef _skiff skiff; fi

    """#

  static let fish = #"""
    # fish completion for skiff
    function __skiff_complete
      set -l words (commandline -opc) (commandline -ct)
      set -l answer ($words[1] __complete $words[2..-1] 2>/dev/null)
      set -l directive (string replace ':' '' -- $answer[-1])
      if test (count $answer) -gt 1
        printf '%s\n' $answer[1..-2]
      else if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories (commandline -ct)
      else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
      end
    end
    complete -c skiff -f -a '(__skiff_complete)'

    """#
}
