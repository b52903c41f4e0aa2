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
#include "controller/cli/app/meant_run.h"
#include "controller/cli/app/option_words.h"
#include "controller/cli/app/tree.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

using Words = std::vector<std::string>;

// Runs a command, for Salt.
constexpr std::string_view kSaltRun = "cmd.run";

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

std::string Line(const Arguments& arguments) {
  return Line(arguments.words, arguments.tail);
}

Words Replaced(Words words, const std::string& old_word, const Words& by) {
  const auto place = std::find(words.begin(), words.end(), old_word);
  if (place == words.end()) return words;
  const auto index = place - words.begin();
  words.erase(place);
  words.insert(words.begin() + index, by.begin(), by.end());
  return words;
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
absl::Status ForeignOptions(const CLI::App& root, const Arguments& arguments) {
  const Words& words = arguments.words;
  if (std::find(words.begin(), words.end(), "-w") == words.end()) {
    return absl::OkStatus();
  }
  Arguments with_verb = arguments;
  with_verb.words.insert(with_verb.words.begin(), "run");
  const auto meant = MeantRun(*root.get_subcommand("run"), with_verb);
  if (!meant) return absl::OkStatus();
  return InvalidArgument("targets are chosen with -t, not -w; write: {}",
                         Line(*meant));
}

// `'web*' cmd.run 'df -h'` of Salt, `'web*' uptime`.
absl::Status TargetsFirst(const Arguments& arguments, size_t index) {
  const Words& words = arguments.words;
  const std::string& targets = words[index];
  Words program(words.begin() + index + 1, words.end());
  if (program.size() > 1 && program.front() == kSaltRun) {
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
  if (LooksLikeTargets(word) && word != kSaltRun) {
    return TargetsFirst(arguments, index);
  }
  return InvalidArgument("unknown verb '{}'; use one of {}", word,
                         fmt::join(VerbNames(root), ", "));
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

absl::Status ProgramBehindDashes(const Arguments& meant) {
  return InvalidArgument("the program goes behind --; write: {}", Line(meant));
}

absl::Status UnknownOption(const CLI::App& app, const Arguments& arguments,
                           const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const std::optional<std::string> meant = MeantOption(app, name);
  std::optional<Arguments> line;
  if (TakesTail(app)) {
    line = MeantRun(app, arguments);
  } else if (meant) {
    line = {
        Replaced(arguments.words, word, {*meant + word.substr(name.size())}),
        arguments.tail};
  }
  if (line && !meant) return ProgramBehindDashes(*line);
  if (line) {
    return InvalidArgument("unknown option {}; did you mean {}: {}", name,
                           *meant, Line(*line));
  }
  return InvalidArgument("unknown option {}; {}see `{} --help`", name,
                         meant ? "did you mean " + *meant + "? " : "",
                         PathOf(app));
}

// Words of a verb that takes fewer of them.
absl::Status ExtraWords(const CLI::App& app, const Arguments& arguments,
                        const Words& extras) {
  const std::string& word = extras.front();
  if (!TakesTail(app)) {
    return InvalidArgument("unexpected '{}'; usage: {}", word, UsageLine(app));
  }
  const std::optional<Arguments> meant = MeantRun(app, arguments);
  if (!meant) {
    return InvalidArgument(
        "unexpected '{}'; options take one value each, and the program with "
        "its arguments follows --, or is the one value of -c",
        word);
  }
  if (arguments.tail) {
    return InvalidArgument("unexpected '{}' before --; write: {}", word,
                           Line(*meant));
  }
  return ProgramBehindDashes(*meant);
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
  if (arguments.tail && !MayHaveTail(chosen)) {
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
    TUTTI_RETURN_IF_ERROR(ForeignOptions(root, arguments));
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
