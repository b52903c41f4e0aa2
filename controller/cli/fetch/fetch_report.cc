#include "controller/cli/fetch/fetch_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// More paths that are the same on the same targets are counted.
constexpr size_t kMaxNamed = 20;

struct Copies {
  std::string digest;
  std::vector<std::string> names;
};

// Those that most have first.
std::vector<Copies> CopiesOf(
    const std::map<std::string, CommonFiles::Holders>& contents,
    const std::vector<std::string>& names) {
  std::vector<Copies> copies;
  copies.reserve(contents.size());
  for (const auto& [digest, holders] : contents) {
    Copies& copy = copies.emplace_back();
    copy.digest = digest;
    for (size_t task = 0; task < holders.size(); ++task) {
      if (holders[task]) copy.names.push_back(names[task]);
    }
  }
  std::stable_sort(copies.begin(), copies.end(),
                   [](const Copies& a, const Copies& b) {
                     return a.names.size() > b.names.size();
                   });
  return copies;
}

std::string DifferenceLine(const std::string& path,
                           const std::vector<Copies>& copies) {
  std::string line = Sanitize(path) + ":";
  for (const Copies& copy : copies) {
    const bool first = &copy == &copies.front();
    line += fmt::format("{} {} on {}", first ? "" : ";",
                        !first                   ? "another one"
                        : copy.names.size() == 1 ? "one"
                                                 : "identical",
                        FoldNames(copy.names));
  }
  return line + "\n";
}

}  // namespace

std::string FetchedText(uint64_t files, uint64_t bytes, uint64_t targets) {
  return fmt::format("fetched {}, {} from {}\n", Counted(files, "file"),
                     FormatSize(bytes), Counted(targets, "target"));
}

std::string CommonText(const CommonFiles::Paths& paths,
                       const std::vector<std::string>& names) {
  std::string text;
  // By the folded names.
  std::map<std::string, std::vector<std::string>> alike;
  for (const auto& [path, contents] : paths) {
    const std::vector<Copies> copies = CopiesOf(contents, names);
    if (copies.size() > 1) {
      text += DifferenceLine(path, copies);
    } else if (!copies.empty() && copies.front().names.size() > 1) {
      alike[FoldNames(copies.front().names)].push_back(path);
    }
  }
  for (const auto& [targets, same] : alike) {
    if (same.size() > kMaxNamed) {
      text += fmt::format("{} files: identical on {}\n", same.size(), targets);
      continue;
    }
    for (const std::string& path : same) {
      text += fmt::format("{}: identical on {}\n", Sanitize(path), targets);
    }
  }
  return text;
}

Json CommonJson(const CommonFiles::Paths& paths,
                const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const auto& [path, contents] : paths) {
    Json copies = Json::array();
    for (const Copies& copy : CopiesOf(contents, names)) {
      copies.push_back(
          {{"targets", FoldNames(copy.names)},
           {"sha256", std::string(absl::BytesToHexString(
                          {copy.digest.data(), copy.digest.size()}))}});
    }
    list.push_back(
        {{"path", BytesToJson(path)}, {"copies", std::move(copies)}});
  }
  return list;
}

}  // namespace tutti::cli
