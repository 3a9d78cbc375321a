import type { CommandContext } from '../context.ts';

type Script = (program: string, complete: string) => string;

const BASH: Script = (program, complete) => `# bash completion for ${program}
__${program}_complete() {
  local IFS=$'\\n' line out directive
  COMPREPLY=()
  out=$("\${COMP_WORDS[0]}" ${complete} "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null) || return
  directive=\${out##*:}
  for line in \${out%:*}; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done
  if [ "\${directive}" = 0 ] && [ "\${#COMPREPLY[@]}" = 0 ]; then
    compopt -o default 2>/dev/null
  fi
}
complete -F __${program}_complete ${program}
`;

const ZSH: Script = (program, complete) => `#compdef ${program}
# zsh completion for ${program}
_${program}() {
  local -a lines candidates
  local directive
  lines=("\${(@f)$(\${words[1]} ${complete} "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  candidates=("\${(@)\${(@)lines[1,-2]//:/\\\\:}//$'\\t'/:}")
  if (( \${#candidates} )); then
    _describe '${program}' candidates
  elif [[ "\${directive}" == 0 ]]; then
    _files
  fi
}
compdef _${program} ${program}
`;

const FISH: Script = (program, complete) => `# fish completion for ${program}
function __${program}_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l out (command $words[1] ${complete} $words[2..-1] 2>/dev/null)
  set -l directive $out[-1]
  set -e out[-1]
  if test (count $out) -gt 0
    printf '%s\\n' $out
  else if test "$directive" = ':0'
    __fish_complete_path (commandline -ct)
  end
end
complete -c ${program} -f -a '(__${program}_complete)'
`;

const POWERSHELL: Script = (program, complete) => `# powershell completion for ${program}
Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($wordToComplete -eq '') { $words += '' }
  $lines = @(& '${program}' ${complete} @words 2>$null)
  $lines | Select-Object -SkipLast 1 | ForEach-Object {
    $parts = $_ -split "\`t", 2
    $description = if ($parts.Count -gt 1 -and $parts[1]) { $parts[1] } else { $parts[0] }
    [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $description)
  }
}
`;

const SCRIPTS: ReadonlyMap<string, Script> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
  ['powershell', POWERSHELL],
]);

/** `completion SHELL`: a script that asks the program itself for the candidates. */
export async function run({ command, program, flags, printer }: CommandContext): Promise<void> {
  const complete = flags.isOn('no-descriptions') ? '__completeNoDesc' : '__complete';
  printer.text(SCRIPTS.get(command.name)?.(program, complete) ?? '');
}
