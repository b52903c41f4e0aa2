#include "controller/cli/app/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/cli/app/tree.h"
#include "controller/cli/command.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

constexpr int kWidth = 80;
constexpr int kIndent = 2;
constexpr int kGap = 2;
// Descriptions begin here at the latest; a longer name has a line of its own.
constexpr int kLatestColumn = 30;

// Two columns: a name and what it is.
struct Line {
  std::string name;
  std::string description;
};

// Breaks `text` between words into lines of at most `width`.
std::vector<std::string> Wrap(std::string_view text, int width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    std::string& line = lines.back();
    const bool fits =
        line.empty() || DisplayWidth(line) + 1 + DisplayWidth(word) <= width;
    if (fits) {
      if (!line.empty()) line += ' ';
      line += word;
    } else {
      lines.emplace_back(word);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Title(std::string_view text, bool color) {
  return Paint(text, Style::kBold, color) + "\n";
}

// Where descriptions begin so that most names fit beside theirs.
int DescriptionColumn(const std::vector<Line>& lines) {
  int column = 0;
  for (const Line& line : lines) {
    const int wanted = kIndent + DisplayWidth(line.name) + kGap;
    if (wanted <= kLatestColumn) column = std::max(column, wanted);
  }
  return column > 0 ? column : kLatestColumn;
}

std::string FormatLines(const std::vector<Line>& lines, int column) {
  std::string text;
  for (const Line& line : lines) {
    std::string begin(kIndent, ' ');
    begin += line.name;
    for (const std::string& part : Wrap(line.description, kWidth - column)) {
      if (DisplayWidth(begin) + kGap > column) {
        text += begin + "\n";
        begin.clear();
      }
      begin.append(column - DisplayWidth(begin), ' ');
      text += begin + part + "\n";
      begin.clear();
    }
  }
  return text;
}

// "-t, --target EXPR"; long names line up under each other.
std::string OptionName(const CLI::Option& option) {
  std::string name;
  for (const std::string& letter : option.get_snames()) {
    if (!name.empty()) name += ", ";
    name += "-" + letter;
  }
  if (option.get_snames().empty()) name = "   ";
  for (const std::string& word : option.get_lnames()) {
    name += (option.get_snames().empty() ? " --" : ", --") + word;
  }
  if (TakesValue(option)) name += " " + option.get_type_name();
  return name;
}

std::string PositionalName(const CLI::Option& option) {
  std::string name = option.get_name(/*positional=*/true);
  if (option.get_items_expected_max() > 1) name += "...";
  return option.get_required() ? name : "[" + name + "]";
}

std::vector<Line> PositionalLines(const CLI::App& app) {
  std::vector<Line> lines;
  for (const CLI::Option* option : Positionals(app)) {
    lines.push_back(
        {option->get_name(/*positional=*/true), option->get_description()});
  }
  return lines;
}

// Groups in the order in which their first option was added; those that every
// verb has come last.
std::vector<std::pair<std::string, std::vector<Line>>> OptionGroups(
    const CLI::App& app) {
  std::vector<std::pair<std::string, std::vector<Line>>> groups;
  for (const CLI::Option* option : NamedOptions(app)) {
    const std::string& name = option->get_group();
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& g) { return g.first == name; });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {name, {}});
    }
    group->second.push_back({OptionName(*option), option->get_description()});
  }
  std::stable_partition(groups.begin(), groups.end(), [](const auto& group) {
    return group.first != kCommonGroup;
  });
  return groups;
}

std::string VerbHelp(const CLI::App& app, bool color) {
  std::string text =
      Paint("Usage:", Style::kBold, color) + " " + UsageLine(app) + "\n\n";
  for (const std::string& line : Wrap(app.get_description(), kWidth)) {
    text += line + "\n";
  }
  const std::vector<Line> positionals = PositionalLines(app);
  const auto groups = OptionGroups(app);
  std::vector<Line> all = positionals;
  for (const auto& [name, lines] : groups) {
    all.insert(all.end(), lines.begin(), lines.end());
  }
  const int column = DescriptionColumn(all);
  if (!positionals.empty()) text += "\n" + FormatLines(positionals, column);
  for (const auto& [name, lines] : groups) {
    text += "\n" + Title(name + ":", color) + FormatLines(lines, column);
  }
  if (!app.get_footer().empty()) {
    text += "\n" + Title("Examples:", color) + app.get_footer();
  }
  return text;
}

Line VerbLine(const CLI::App& verb, const std::string& path) {
  std::string name = path;
  for (const CLI::Option* option : Positionals(verb)) {
    name += " " + PositionalName(*option);
  }
  return {std::move(name), verb.get_description()};
}

std::string NounHelp(const CLI::App& app, bool color) {
  std::vector<Line> lines;
  for (const CLI::App* verb : Below(app)) {
    Line line = VerbLine(*verb, verb->get_name());
    if (!verb->get_aliases().empty()) {
      line.description +=
          fmt::format(" (also: {})", fmt::join(verb->get_aliases(), ", "));
    }
    lines.push_back(std::move(line));
  }
  return fmt::format("{} {} VERB [OPTIONS]\n\n{}\n\n{}{}\n{}{}\n{}\n",
                     Paint("Usage:", Style::kBold, color), PathOf(app),
                     app.get_description(), Title("Verbs:", color),
                     FormatLines(lines, DescriptionColumn(lines)),
                     Title("Examples:", color), app.get_footer(),
                     fmt::format("`{} VERB --help` explains a verb, with an "
                                 "example.",
                                 PathOf(app)));
}

// Verbs without a noun in front, then one block a noun, then the rest.
std::string ProgramHelp(const CLI::App& root, bool color) {
  std::vector<std::vector<Line>> blocks;
  bool after_noun = true;
  for (const CLI::App* app : Below(root)) {
    const std::vector<const CLI::App*> verbs = Below(*app);
    if (!verbs.empty() || after_noun) blocks.emplace_back();
    after_noun = !verbs.empty();
    for (const CLI::App* verb : verbs) {
      blocks.back().push_back(
          VerbLine(*verb, app->get_name() + " " + verb->get_name()));
    }
    if (verbs.empty()) {
      blocks.back().push_back(VerbLine(*app, app->get_name()));
    }
  }
  std::vector<Line> all;
  for (const auto& block : blocks) {
    all.insert(all.end(), block.begin(), block.end());
  }
  const int column = DescriptionColumn(all);
  std::string text = fmt::format(
      "{}: one command plays on a whole fleet and comes back\n\n{} tutti VERB "
      "[OPTIONS]\n",
      Paint("tutti", Style::kBold, color),
      Paint("Usage:", Style::kBold, color));
  for (const auto& block : blocks) text += "\n" + FormatLines(block, column);
  text += "\n" + Title("Examples:", color) +
          "  tutti run -t 'web[01-40]' -- uptime\n"
          "  tutti run -t all -b -c 'df -h / | tail -1'\n"
          "  tutti script -t 'db*' --sudo ./fix.sh --all\n"
          "  tutti job receive last --follow\n"
          "\n`tutti VERB --help` explains a verb, with an example.\n";
  return text;
}

}  // namespace

std::string UsageLine(const CLI::App& app) {
  std::string line = PathOf(app) + " [OPTIONS]";
  for (const CLI::Option* option : Positionals(app)) {
    line += " " + PositionalName(*option);
  }
  if (app.get_name() == "script") return line + " FILE [ARG...]";
  if (TakesTail(app)) return line + " -- PROGRAM [ARG...]";
  if (MayHaveTail(app)) line += " [-- PROGRAM [ARG...]]";
  return line;
}

std::string FormatHelp(const CLI::App& app, bool color) {
  if (app.get_parent() == nullptr) return ProgramHelp(app, color);
  if (!Below(app).empty()) return NounHelp(app, color);
  return VerbHelp(app, color);
}

}  // namespace tutti::cli
