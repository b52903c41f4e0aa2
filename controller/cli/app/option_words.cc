#include "controller/cli/app/option_words.h"

#include <CLI/CLI.hpp>

#include "controller/cli/app/arguments.h"
#include "controller/cli/app/meant_run.h"
#include "controller/cli/app/tree.h"

namespace tutti::cli {
namespace {

constexpr char kScript[] = "script";

// The option that a word is, or, for the error that is to come, seems to be.
const CLI::Option* FindMeant(const CLI::App& app, const std::string& word) {
  const std::string name = NameInWord(word);
  const CLI::Option* option = FindOption(app, name);
  if (option != nullptr) return option;
  const std::optional<std::string> meant = MeantOption(app, name);
  return meant ? FindOption(app, *meant) : nullptr;
}

// Whether the word behind `word` is its value. Letters may share a word: -nf 5.
bool IsValueNext(const CLI::App& app, const std::string& word) {
  if (word.starts_with("--") || word.size() == 2) {
    const CLI::Option* option = FindMeant(app, word);
    return option != nullptr && TakesValue(*option) &&
           word.find('=') == word.npos;
  }
  for (size_t i = 1; i < word.size(); ++i) {
    const CLI::Option* option = FindOption(app, {'-', word[i]});
    if (option == nullptr) return false;
    if (TakesValue(*option)) return i + 1 == word.size();
  }
  return false;
}

}  // namespace

bool IsOption(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

std::string NameInWord(const std::string& word) {
  return word.starts_with("--") ? word.substr(0, word.find('='))
                                : word.substr(0, 2);
}

const CLI::Option* FindOption(const CLI::App& app, const std::string& name) {
  for (const CLI::Option* option : NamedOptions(app)) {
    if (option->check_name(name)) return option;
  }
  return nullptr;
}

std::optional<size_t> FindScriptFile(const CLI::App& root,
                                     const std::vector<std::string>& argv) {
  size_t at = FirstVerb(argv);
  if (at == argv.size() || argv[at] != kScript) return std::nullopt;
  const CLI::App& script = *root.get_subcommand(kScript);
  for (++at; at < argv.size() && argv[at] != "--"; ++at) {
    if (!IsOption(argv[at])) return at;
    if (IsValueNext(script, argv[at])) ++at;
  }
  return std::nullopt;
}

}  // namespace tutti::cli
