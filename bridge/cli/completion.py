"""``cshis-bridge completion``: the script by which a shell completes commands, options and names."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    CompletionItem,
    FishComplete,
    ShellComplete,
    add_completion_class,
    get_completion_class,
)

from bridge.words import tr

PROGRAM = "cshis-bridge"
SHELLS = ("bash", "zsh", "fish", "powershell")

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_CWORD = $wordToComplete
    try {
        %(prog_name)s | ForEach-Object {
            $kind, $value, $help = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
            }
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """PowerShell asks with the whole line, and with the word that is not complete."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is not complete, and that one."""
        words = os.environ["COMP_WORDS"].split()[1:]
        incomplete = os.environ.get("COMP_CWORD", "")
        return (words[:-1] if incomplete and words else words), incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """One line: kind, value and what it is, with tabs between."""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


class WholeHelpInFish(FishComplete):
    """Fish shows what stands behind a name; click's own script cuts it off at its first comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')


add_completion_class(PowerShellComplete)
add_completion_class(WholeHelpInFish)


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Prints the script by which a shell completes names.

    Commands, options, functions, arguments, scenarios, cards of the simulators.

    \b
    Examples:
      bash        eval "$(cshis-bridge completion bash)"      in ~/.bashrc
      zsh         eval "$(cshis-bridge completion zsh)"       in ~/.zshrc
      fish        cshis-bridge completion fish | source       in ~/.config/fish/config.fish
      powershell  cshis-bridge completion powershell | Out-String | Invoke-Expression   in $PROFILE
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(tr("there is no completion for {shell}", shell=shell))
    from bridge.cli.main import ASKED_BY_A_SHELL, main  # whose commands import this one

    maker = found(main, {}, PROGRAM, ASKED_BY_A_SHELL)
    click.echo(maker.source_template % maker.source_vars())
