#include "controller/cli/app/arguments.h"

#include <algorithm>
#include <string_view>

namespace tutti::cli {
namespace {

// Options of the program itself that take a value.
constexpr std::string_view kGlobalOptions[] = {"--config", "--fleet",
                                               "--color"};

struct Alias {
  std::string_view word;
  std::string_view noun;
  std::string_view verb;
};
constexpr Alias kAliases[] = {{"jobs", "job", "list"},
                              {"hosts", "agent", "list"}};

}  // namespace

Arguments SplitArguments(const std::vector<std::string>& argv,
                         std::optional<size_t> file) {
  Arguments arguments;
  const auto dashes = std::find(argv.begin(), argv.end(), "--");
  const auto cut =
      file ? std::min(dashes, argv.begin() + static_cast<ptrdiff_t>(*file))
           : dashes;
  for (auto word = argv.begin(); word != cut; ++word) {
    const bool empty_value = word->size() > 3 && word->starts_with("--") &&
                             word->find('=') == word->size() - 1;
    if (empty_value) {
      arguments.words.push_back(word->substr(0, word->size() - 1));
      arguments.words.emplace_back();
    } else {
      arguments.words.push_back(*word);
    }
  }
  if (cut != argv.end()) {
    arguments.tail.emplace(cut == dashes ? cut + 1 : cut, argv.end());
  }
  return arguments;
}

size_t FirstVerb(const std::vector<std::string>& words) {
  size_t index = 0;
  while (index < words.size() && words[index].starts_with("-")) {
    const bool takes_value =
        std::find(std::begin(kGlobalOptions), std::end(kGlobalOptions),
                  words[index]) != std::end(kGlobalOptions);
    index += takes_value ? 2 : 1;
  }
  return std::min(index, words.size());
}

void ExpandAliases(std::vector<std::string>& words) {
  const size_t index = FirstVerb(words);
  if (index == words.size()) {
    std::replace(words.begin(), words.end(), std::string("--version"),
                 std::string("version"));
    return;
  }
  if (words[index] == "help") {
    words.erase(words.begin() + index);
    words.push_back("--help");
    return;
  }
  for (const Alias& alias : kAliases) {
    if (words[index] != alias.word) continue;
    words[index] = alias.noun;
    words.insert(words.begin() + index + 1, std::string(alias.verb));
    return;
  }
}

}  // namespace tutti::cli
