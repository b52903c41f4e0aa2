#include "controller/cli/app/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "controller/cli/app/tree.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

// A place in the tree of verbs.
struct Place {
  // "", "job", "job list"
  std::string path;
  const CLI::App* app;
};

void Collect(const CLI::App& app, const std::string& path,
             std::vector<Place>& places) {
  places.push_back({path, &app});
  for (const CLI::App* below : Below(app)) {
    Collect(*below,
            path.empty() ? below->get_name() : path + " " + below->get_name(),
            places);
  }
}

std::vector<Place> Places(const CLI::App& root) {
  std::vector<Place> places;
  Collect(root, "", places);
  return places;
}

std::vector<std::string> OptionWords(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::Option* option : NamedOptions(app)) {
    for (const std::string& name : option->get_lnames()) {
      words.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) {
      words.push_back("-" + name);
    }
  }
  return words;
}

// Verbs and options that may follow.
std::string WordsAt(const Place& place) {
  std::vector<std::string> words;
  for (const CLI::App* below : Below(*place.app)) {
    words.push_back(below->get_name());
  }
  for (std::string& word : OptionWords(*place.app)) {
    words.push_back(std::move(word));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// Command that lists what a positional word may be; empty for none.
std::string_view ListerOf(const Place& place) {
  const auto positionals = Positionals(*place.app);
  if (positionals.empty()) return "";
  const std::string name = positionals.front()->get_name(/*positional=*/true);
  if (name == "JOB") return "tutti job list -o names";
  if (name == "ID") return "tutti token list -o names";
  if (place.path.starts_with("agent ")) return "tutti agent list -o names";
  return "";
}

// Branches of a shell's `case` over the path.
std::string CaseBranches(const CLI::App& root) {
  std::string text;
  for (const Place& place : Places(root)) {
    const std::string_view lister = ListerOf(place);
    text +=
        fmt::format("    '{}') choices='{}'{} ;;\n", place.path, WordsAt(place),
                    lister.empty() ? "" : fmt::format("; lister='{}'", lister));
  }
  return text;
}

// The paths as one pattern of `case`.
std::string PathPattern(const CLI::App& root) {
  std::vector<std::string> patterns;
  for (const Place& place : Places(root)) {
    if (!place.path.empty()) patterns.push_back("'" + place.path + "'");
  }
  return fmt::format("{}", fmt::join(patterns, "|"));
}

// What bash and zsh have in common: which words are possible after the words
// in front. `previous_words` is how the shell names them.
std::string ShellLookup(const CLI::App& root, std::string_view previous_words,
                        std::string_view previous_word) {
  return fmt::format(
      R"sh(  local word where='' choices='' lister=''
  for word in {}; do
    [[ $word == -- ]] && return
    case "${{where:+$where }}$word" in
      {}) where="${{where:+$where }}$word" ;;
    esac
  done
  case "$where" in
{}  esac
  case {} in
    -t|--target|-x|--exclude) choices='all'; lister='tutti agent list -o names' ;;
  esac
  [[ -n $lister ]] && choices="$choices $($lister 2>/dev/null)"
)sh",
      previous_words, PathPattern(root), CaseBranches(root), previous_word);
}

absl::StatusOr<int> ShowCompletion(const std::string& shell,
                                   const CLI::App& root, Context& context) {
  if (shell == "bash") {
    Show(context, BashCompletion(root));
  } else if (shell == "zsh") {
    Show(context, ZshCompletion(root));
  } else if (shell == "fish") {
    Show(context, FishCompletion(root));
  } else {
    return InvalidArgument("no completion for '{}'; use bash, zsh or fish",
                           shell);
  }
  return kExitOk;
}

}  // namespace

std::string BashCompletion(const CLI::App& root) {
  return fmt::format(
      R"sh(# Completion of tutti for bash: source <(tutti completion bash)
_tutti() {{
{}  COMPREPLY=($(compgen -W "$choices" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _tutti tutti
)sh",
      ShellLookup(root, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"",
                  "\"${COMP_WORDS[COMP_CWORD-1]}\""));
}

std::string ZshCompletion(const CLI::App& root) {
  return fmt::format(
      R"sh(#compdef tutti
# Completion of tutti for zsh: source <(tutti completion zsh)
_tutti() {{
  local -a line=("${{(@)words[2,CURRENT-1]}}")
  local last="${{words[CURRENT-1]}}"
{}  compadd -- ${{=choices}} || _files
}}
compdef _tutti tutti
)sh",
      ShellLookup(root, "$line", "\"$last\""));
}

std::string FishCompletion(const CLI::App& root) {
  std::string text =
      R"sh(# Completion of tutti for fish: tutti completion fish | source
function __tutti_at
    set -l words (commandline -opc)
    contains -- -- $words; and return 1
    set -l plain (string match -v -- '-*' $words[2..-1])
    test (count $argv) -eq 0; and test (count $plain) -gt 0; and return 1
    for index in (seq (count $argv))
        test "$plain[$index]" = "$argv[$index]"; or return 1
    end
end
complete -c tutti -f
)sh";
  for (const Place& place : Places(root)) {
    const std::string begin =
        fmt::format("complete -c tutti -n '__tutti_at{}{}'",
                    place.path.empty() ? "" : " ", place.path);
    for (const CLI::App* below : Below(*place.app)) {
      text += fmt::format("{} -a {} -d {}\n", begin, below->get_name(),
                          ShellQuote(below->get_description()));
    }
    if (const std::string_view lister = ListerOf(place); !lister.empty()) {
      text += fmt::format("{} -a '({} 2>/dev/null)'\n", begin, lister);
    }
    for (const CLI::Option* option : NamedOptions(*place.app)) {
      text += begin;
      for (const std::string& name : option->get_lnames()) {
        text += " -l " + name;
      }
      for (const std::string& name : option->get_snames()) {
        text += " -s " + name;
      }
      if (TakesValue(*option)) text += " -r";
      text += " -d " + ShellQuote(option->get_description()) + "\n";
    }
  }
  return text;
}

void AddCompletion(CLI::App& root, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(root, "completion",
                           "Print a script that completes lines", context);
  verb.add_option("SHELL", *shell, "bash, zsh or fish")->required();
  SetExamples(verb,
              {{"source <(tutti completion bash)", "in ~/.bashrc, or zsh"},
               {"tutti completion fish | source", "in config.fish"}});
  SetAction(verb, context, [shell, &root](Context& context) {
    return ShowCompletion(*shell, root, context);
  });
}

}  // namespace tutti::cli
