#include "controller/cli/app/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/text/shell_quote.h"
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

std::vector<std::string> WordsOf(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_lnames()) {
    words.push_back("--" + name);
  }
  for (const std::string& name : option.get_snames()) {
    words.push_back("-" + name);
  }
  return words;
}

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string OptionsAt(const Place& place) {
  std::vector<std::string> words;
  for (const CLI::Option* option : NamedOptions(*place.app)) {
    for (std::string& word : WordsOf(*option)) words.push_back(std::move(word));
  }
  return Joined(words);
}

// What the first positional word is called: "JOB"; empty for none.
std::string PositionalOf(const Place& place) {
  const auto positionals = Positionals(*place.app);
  if (positionals.empty()) return "";
  return positionals.front()->get_name(/*positional=*/true);
}

// What a positional word may be, where that is known; empty otherwise.
std::string_view ValuesOf(const Place& place) {
  return PositionalOf(place) == "SHELL" ? "bash zsh fish" : "";
}

// Command that lists what a positional word may be; empty for none.
std::string_view ListerOf(const Place& place) {
  const std::string name = PositionalOf(place);
  if (name == "JOB") return "tutti job list -o names";
  if (name == "ID") return "tutti token list -o names";
  if (!name.empty() && place.path.starts_with("agent ")) {
    return "tutti agent list -o names";
  }
  if (name == "NAME" && place.path.starts_with("group ")) {
    return "tutti group list -o names";
  }
  return "";
}

// Words that are no options and may follow.
std::string ChoicesAt(const Place& place) {
  std::vector<std::string> words;
  for (const CLI::App* below : Below(*place.app)) {
    words.push_back(below->get_name());
  }
  return words.empty() ? std::string(ValuesOf(place)) : Joined(words);
}

// Options that take a value at every verb that has them.
std::vector<std::string> ValuedOptions(const CLI::App& root) {
  std::set<std::string> valued;
  std::set<std::string> flags;
  for (const Place& place : Places(root)) {
    for (const CLI::Option* option : NamedOptions(*place.app)) {
      std::set<std::string>& kind = TakesValue(*option) ? valued : flags;
      for (std::string& word : WordsOf(*option)) kind.insert(std::move(word));
    }
  }
  std::vector<std::string> words;
  std::set_difference(valued.begin(), valued.end(), flags.begin(), flags.end(),
                      std::back_inserter(words));
  return words;
}

// Branches of a shell's `case` over the path.
std::string CaseBranches(const CLI::App& root) {
  std::string text;
  for (const Place& place : Places(root)) {
    const std::string_view lister = ListerOf(place);
    text +=
        fmt::format("    '{}') choices='{}'; options='{}'{} ;;\n", place.path,
                    ChoicesAt(place), OptionsAt(place),
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

// How bash and zsh name things.
struct Dialect {
  // The words in front of the one that is completed, without the program; the
  // last of them; the one that is completed.
  std::string_view words;
  std::string_view last;
  std::string_view current;
  // Completes the name of a file and ends the function.
  std::string_view files;
};

// What bash and zsh have in common: which words are possible here, in
// $choices.
std::string ShellLookup(const CLI::App& root, const Dialect& dialect) {
  return fmt::format(
      R"sh(  local word where='' choices='' options='' lister=''
  for word in {0}; do
    [[ $word == -- ]] && {{ {1}; }}
    case "${{where:+$where }}$word" in
      {2}) where="${{where:+$where }}$word" ;;
    esac
  done
  case "$where" in
{3}  esac
  [[ {4} == -* || -z $choices$lister ]] && {{ choices=$options; lister=''; }}
  case {5} in
    -t|--target|--targets|-x|--exclude)
      choices='all'; lister='tutti agent list -o names' ;;
    {6}) {1} ;;
  esac
  [[ -n $lister ]] && choices="$choices $(eval "$lister" 2>/dev/null)"
)sh",
      dialect.words, dialect.files, PathPattern(root), CaseBranches(root),
      dialect.current, dialect.last, fmt::join(ValuedOptions(root), "|"));
}

// How fish completes the value of an option.
std::string_view FishValue(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type == "FILE" || type == "DIR") return " -r -F";
  if (type == "EXPR") {
    return " -x -a 'all (tutti agent list -o names 2>/dev/null)'";
  }
  return " -x";
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
  local current="${{COMP_WORDS[COMP_CWORD]}}"
{}  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}}
complete -o default -F _tutti tutti
)sh",
      ShellLookup(root, {.words = "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"",
                         .last = "\"${COMP_WORDS[COMP_CWORD-1]}\"",
                         .current = "\"$current\"",
                         .files = "return"}));
}

std::string ZshCompletion(const CLI::App& root) {
  return fmt::format(
      R"sh(#compdef tutti
# Completion of tutti for zsh: source <(tutti completion zsh), after compinit
_tutti() {{
{}  compadd -- ${{=choices}} || _files
}}
compdef _tutti tutti
)sh",
      ShellLookup(root, {.words = "\"${(@)words[2,CURRENT-1]}\"",
                         .last = "\"${words[CURRENT-1]}\"",
                         .current = "\"${words[CURRENT]}\"",
                         .files = "_files; return"}));
}

std::string FishCompletion(const CLI::App& root) {
  std::string text =
      R"sh(# Completion of tutti for fish: tutti completion fish | source
function __tutti_behind_dashes
    contains -- -- (commandline -opc)
end
function __tutti_words
    string match -v -- '-*' (commandline -opc)[2..-1]
end
# Whether the line begins with these verbs; whether it has no other words.
function __tutti_below
    __tutti_behind_dashes; and return 1
    set -l plain (__tutti_words)
    for index in (seq (count $argv))
        test "$plain[$index]" = "$argv[$index]"; or return 1
    end
end
function __tutti_at
    __tutti_below $argv; and test (count (__tutti_words)) -eq (count $argv)
end
complete -c tutti -n 'not __tutti_behind_dashes' -f
complete -c tutti -n __tutti_behind_dashes -F
)sh";
  for (const Place& place : Places(root)) {
    const std::string begin =
        fmt::format("complete -c tutti -n '{}{}{}'",
                    Below(*place.app).empty() ? "__tutti_below" : "__tutti_at",
                    place.path.empty() ? "" : " ", place.path);
    for (const CLI::App* below : Below(*place.app)) {
      text += fmt::format("{} -a {} -d {}\n", begin, below->get_name(),
                          ShellQuote(below->get_description()));
    }
    if (const std::string_view values = ValuesOf(place); !values.empty()) {
      text += fmt::format("{} -a '{}'\n", begin, values);
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
      if (TakesValue(*option)) text += FishValue(*option);
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
