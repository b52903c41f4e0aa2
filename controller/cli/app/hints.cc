#include "controller/cli/app/hints.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/shell_quote.h"
#include "controller/cli/app/help.h"
#include "controller/cli/app/tree.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

using Words = std::vector<std::string>;

bool IsOption(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

// The whole line as one would type it.
std::string Line(const Words& words,
                 const std::optional<Words>& tail = std::nullopt) {
  std::string line = "tutti";
  for (const std::string& word : words) line += " " + ShellQuote(word);
  if (tail) {
    line += " --";
    for (const std::string& word : *tail) line += " " + ShellQuote(word);
  }
  return line;
}

Words Replaced(Words words, const std::string& old_word, const Words& by) {
  const auto place = std::find(words.begin(), words.end(), old_word);
  if (place == words.end()) return words;
  const auto index = place - words.begin();
  words.erase(place);
  words.insert(words.begin() + index, by.begin(), by.end());
  return words;
}

// A wildcard, list or range, or a word with a digit: no verb looks like that.
bool LooksLikeTargets(std::string_view word) {
  return word == "all" ||
         word.find_first_of("*?,[0123456789.") != std::string_view::npos;
}

Words VerbNames(const CLI::App& app) {
  Words names;
  for (const CLI::App* verb : Below(app)) names.push_back(verb->get_name());
  return names;
}

// The noun whose verb `word` is, for `tutti receive last`.
const CLI::App* NounOf(const CLI::App& root, const std::string& word) {
  for (const CLI::App* noun : Below(root)) {
    for (const CLI::App* verb : Below(*noun)) {
      if (verb->check_name(word)) return noun;
    }
  }
  return nullptr;
}

// `-w` and `-l` of pdsh and ClusterShell, which have no verb either.
absl::Status ForeignOptions(const Arguments& arguments) {
  Words targets;
  Words user;
  Words program;
  for (size_t i = 0; i < arguments.words.size(); ++i) {
    const std::string& word = arguments.words[i];
    const bool has_value = i + 1 < arguments.words.size();
    if (word == "-w" && has_value) {
      targets = {"-t", arguments.words[++i]};
    } else if (word == "-l" && has_value) {
      user = {"-u", arguments.words[++i]};
    } else {
      program.push_back(word);
    }
  }
  if (targets.empty()) return absl::OkStatus();
  if (arguments.tail) program = *arguments.tail;
  if (program.empty()) program = {"PROGRAM"};
  Words line = {"run"};
  line.insert(line.end(), targets.begin(), targets.end());
  line.insert(line.end(), user.begin(), user.end());
  return InvalidArgument("targets are chosen with -t, not -w; write: {}",
                         Line(line, program));
}

// `'web*' cmd.run 'df -h'` of Salt, `'web*' uptime`.
absl::Status TargetsFirst(const Arguments& arguments, size_t index) {
  const Words& words = arguments.words;
  const std::string& targets = words[index];
  Words program(words.begin() + index + 1, words.end());
  if (program.size() > 1 && program.front() == "cmd.run") {
    return InvalidArgument("'cmd.run' is no verb; write: {}",
                           Line({"run", "-t", targets, "-c", program[1]}));
  }
  if (arguments.tail) program = *arguments.tail;
  if (program.empty()) program = {"PROGRAM"};
  return InvalidArgument("'{}' is no verb; to run a program there, write: {}",
                         targets, Line({"run", "-t", targets}, program));
}

absl::Status UnknownVerb(const CLI::App& root, const Arguments& arguments,
                         const std::string& word) {
  const Words& words = arguments.words;
  const size_t index =
      std::find(words.begin(), words.end(), word) - words.begin();
  const auto closest = Closest(word, VerbNames(root));
  if (closest && !LooksLikeTargets(word)) {
    return InvalidArgument(
        "unknown verb '{}'; did you mean: {}", word,
        Line(Replaced(words, word, {*closest}), arguments.tail));
  }
  if (const CLI::App* noun = NounOf(root, word)) {
    return InvalidArgument(
        "'{}' wants a noun; did you mean: {}", word,
        Line(Replaced(words, word, {noun->get_name(), word}), arguments.tail));
  }
  if (LooksLikeTargets(word) || index + 1 < words.size() || arguments.tail) {
    return TargetsFirst(arguments, index);
  }
  return InvalidArgument("unknown verb '{}'; `tutti --help` lists them all",
                         word);
}

absl::Status UnknownVerbOf(const CLI::App& noun, const Arguments& arguments,
                           const std::string& word) {
  const Words names = VerbNames(noun);
  const auto closest = Closest(word, names);
  if (closest) {
    return InvalidArgument(
        "unknown verb '{}' of {}; did you mean: {}", word, PathOf(noun),
        Line(Replaced(arguments.words, word, {*closest}), arguments.tail));
  }
  const bool has_show =
      std::find(names.begin(), names.end(), "show") != names.end();
  if (has_show && LooksLikeTargets(word)) {
    return InvalidArgument(
        "'{}' is no verb of {}; did you mean: {}", word, PathOf(noun),
        Line(Replaced(arguments.words, word, {"show", word})));
  }
  return InvalidArgument("unknown verb '{}' of {}; use one of {}", word,
                         PathOf(noun), fmt::join(names, ", "));
}

// What other tools call what `app` has under another name.
std::optional<std::string> OtherName(const CLI::App& app,
                                     const std::string& word) {
  if (app.get_name() != "run") return std::nullopt;
  if (word == "-w" || word == "--limit" || word == "--hosts") return "-t";
  if (word == "-l") return "-u";
  return std::nullopt;
}

absl::Status UnknownOption(const CLI::App& app, const Arguments& arguments,
                           const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::optional<std::string> meant = OtherName(app, name);
  if (!meant) {
    Words names;
    for (const CLI::Option* option : NamedOptions(app)) {
      for (const std::string& other : option->get_lnames()) {
        names.push_back("--" + other);
      }
    }
    if (name.starts_with("--")) meant = Closest(name, names);
  }
  if (!meant) {
    return InvalidArgument("unknown option {}; see `{} --help`", name,
                           PathOf(app));
  }
  return InvalidArgument(
      "unknown option {}; did you mean {}: {}", name, *meant,
      Line(Replaced(arguments.words, word, {*meant + word.substr(name.size())}),
           arguments.tail));
}

// Words of a verb that takes fewer of them.
absl::Status ExtraWords(const CLI::App& app, const Arguments& arguments,
                        const Words& extras) {
  const std::string& word = extras.front();
  if (!TakesTail(app)) {
    return InvalidArgument("unexpected '{}'; usage: {}", word, UsageLine(app));
  }
  if (arguments.tail) {
    return InvalidArgument(
        "unexpected '{}' before --; options take one value "
        "each, and the program follows --",
        word);
  }
  Words words = arguments.words;
  const auto place = std::find(words.begin(), words.end(), word);
  const Words program(place, words.end());
  words.erase(place, words.end());
  return InvalidArgument("the program goes behind --; write: {}",
                         Line(words, program));
}

absl::Status CheckVerb(const CLI::App& root, const CLI::App& chosen,
                       const Arguments& arguments) {
  for (const CLI::App* app = &chosen; app != nullptr; app = app->get_parent()) {
    const Words extras = app->remaining();
    const auto option = std::find_if(extras.begin(), extras.end(), IsOption);
    if (option != extras.end()) return UnknownOption(*app, arguments, *option);
    if (extras.empty()) continue;
    if (app == &root) return UnknownVerb(root, arguments, extras.front());
    if (app != &chosen) return UnknownVerbOf(*app, arguments, extras.front());
    return ExtraWords(*app, arguments, extras);
  }
  if (arguments.tail && !TakesTail(chosen)) {
    return InvalidArgument("{} takes nothing behind --; usage: {}",
                           PathOf(chosen), UsageLine(chosen));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWords(const CLI::App& root, const Arguments& arguments) {
  const CLI::App& chosen = Chosen(root);
  if (Below(chosen).empty()) return CheckVerb(root, chosen, arguments);
  const Words extras = chosen.remaining();
  if (&chosen == &root) {
    TUTTI_RETURN_IF_ERROR(ForeignOptions(arguments));
  }
  // A verb is missing or misspelt: that comes before options, which are the
  // verb's.
  const auto word =
      std::find_if(extras.begin(), extras.end(),
                   [](const std::string& extra) { return !IsOption(extra); });
  if (word != extras.end()) {
    return &chosen == &root ? UnknownVerb(root, arguments, *word)
                            : UnknownVerbOf(chosen, arguments, *word);
  }
  if (!extras.empty()) return UnknownOption(chosen, arguments, extras.front());
  if (arguments.tail) {
    return InvalidArgument("no verb before --; write: {}",
                           Line({"run", "-t", "TARGETS"}, arguments.tail));
  }
  return absl::OkStatus();
}

absl::Status FromParseError(const CLI::App& root,
                            const CLI::ParseError& error) {
  const CLI::App& chosen = Chosen(root);
  const std::string text = error.what();
  const std::string name = text.substr(0, text.find_first_of(": "));
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return InvalidArgument("{} is missing; usage: {}", name, UsageLine(chosen));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr &&
      name.starts_with("-")) {
    return InvalidArgument("{} needs exactly one value; see `{} --help`", name,
                           PathOf(chosen));
  }
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {
    return InvalidArgument("{}", text);
  }
  return InvalidArgument("{}; see `{} --help`", text, PathOf(chosen));
}

}  // namespace tutti::cli
