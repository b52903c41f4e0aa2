#include "controller/cli/app/meant_run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "common/base/closest.h"
#include "controller/cli/app/option_words.h"
#include "controller/cli/app/tree.h"

namespace tutti::cli {
namespace {

using Words = std::vector<std::string>;

// Sorts the words of one line.
class Sorter {
 public:
  Sorter(const CLI::App& run, const Arguments& arguments)
      : run_(run), arguments_(arguments) {}

  std::optional<Arguments> Sort() {
    const Words& words = arguments_.words;
    const auto verb = std::find(words.begin(), words.end(), run_.get_name());
    if (verb == words.end()) return std::nullopt;
    at_ = verb - words.begin() + 1;
    options_.assign(words.begin(), words.begin() + at_);
    while (at_ < words.size()) {
      if (IsOption(words[at_]) && !program_begun_) {
        if (!TakeOption()) return std::nullopt;
      } else {
        TakeWord();
      }
    }
    return arguments_.tail ? WithTail() : WithoutTail();
  }

 private:
  // False for an option that is nobody's.
  bool TakeOption() {
    const std::string& word = arguments_.words[at_];
    std::string name = NameInWord(word);
    const size_t length = name.size();
    const CLI::Option* option = FindOption(run_, name);
    if (option == nullptr) {
      if (const auto meant =
              MeantOption(run_, word.substr(0, word.find('=')))) {
        name = *meant;
        option = FindOption(run_, name);
      }
    }
    if (option == nullptr) {
      // Behind the program it is one of the program's.
      if (words_.empty()) return false;
      TakeWord();
      return true;
    }
    options_.push_back(name + word.substr(length));
    ++at_;
    if (TakesValue(*option) && word.size() == length &&
        at_ < arguments_.words.size()) {
      options_.push_back(arguments_.words[at_++]);
    }
    has_targets_ |= option->check_name("-t") || option->check_name("-T");
    has_command_ |= option->check_name("-c");
    return true;
  }

  void TakeWord() {
    // When the targets are known, the first word is the program.
    program_begun_ |= has_targets_ && !arguments_.tail;
    words_.push_back(arguments_.words[at_++]);
  }

  void AddTargets(const std::string& targets) {
    options_.insert(options_.end(), {"-t", targets});
    has_targets_ = true;
  }

  std::optional<Arguments> WithTail() {
    const bool all_targets =
        std::all_of(words_.begin(), words_.end(), LooksLikeTargets);
    if (!all_targets && (has_targets_ || words_.size() > 1)) {
      return std::nullopt;
    }
    for (const std::string& word : words_) AddTargets(word);
    return Finished(*arguments_.tail);
  }

  std::optional<Arguments> WithoutTail() {
    if (!has_targets_) {
      const bool first = (words_.size() > 1 || has_command_) &&
                         !words_.empty() && LooksLikeTargets(words_.front());
      AddTargets(first ? words_.front() : "TARGETS");
      if (first) words_.erase(words_.begin());
    }
    return Finished(words_);
  }

  std::optional<Arguments> Finished(Words program) {
    Arguments meant;
    meant.words = options_;
    if (has_command_) {
      if (!program.empty()) return std::nullopt;
      return meant;
    }
    if (program.empty()) program = {"PROGRAM"};
    if (!has_targets_) return std::nullopt;
    meant.tail = std::move(program);
    return meant;
  }

  const CLI::App& run_;
  const Arguments& arguments_;
  size_t at_ = 0;
  Words options_;
  // What is neither an option nor the value of one.
  Words words_;
  bool program_begun_ = false;
  bool has_targets_ = false;
  bool has_command_ = false;
};

}  // namespace

bool LooksLikeTargets(std::string_view word) {
  return word == "all" || (word.find_first_of("*?,[0123456789.") != word.npos &&
                           word.find('/') == word.npos);
}

std::optional<std::string> MeantOption(const CLI::App& app,
                                       const std::string& name) {
  if (TakesTail(app)) {
    if (name == "-w" || name == "--limit" || name == "--hosts") return "-t";
    if (name == "-l") return "-u";
  }
  if (!name.starts_with("--")) return std::nullopt;
  Words names;
  for (const CLI::Option* option : NamedOptions(app)) {
    for (const std::string& other : option->get_lnames()) {
      names.push_back("--" + other);
    }
  }
  return Closest(name, names);
}

std::optional<Arguments> MeantRun(const CLI::App& run,
                                  const Arguments& arguments) {
  return Sorter(run, arguments).Sort();
}

}  // namespace tutti::cli
