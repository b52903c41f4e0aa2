#include "query/host/apt_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/base/ascii.h"
#include "common/text/lines.h"
#include "query/host/control_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

std::string_view WithoutComment(std::string_view line) {
  return line.substr(0, line.find('#'));
}

// "/srv/apt" of "file:/srv/apt" and "file:///srv/apt"; empty where there is no
// scheme.
std::string_view BehindScheme(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == uri.npos) return {};
  uri.remove_prefix(colon + 1);
  if (uri.starts_with("//")) uri.remove_prefix(2);
  return uri;
}

// Absent: there is no place in the URI.
std::optional<AptSource> MakeSource(std::string_view uri,
                                    std::string_view suite) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  if (BehindScheme(uri).empty()) return std::nullopt;
  return AptSource{std::string(uri), std::string(suite)};
}

std::optional<AptSource> ParseLine(std::string_view line) {
  std::vector<std::string_view> words = Words(WithoutComment(line));
  if (words.empty() || words[0] != "deb") return std::nullopt;
  words.erase(words.begin());
  if (!words.empty() && words[0].starts_with('[')) {
    const auto end =
        std::find_if(words.begin(), words.end(),
                     [](std::string_view word) { return word.ends_with(']'); });
    if (end == words.end()) return std::nullopt;
    words.erase(words.begin(), end + 1);
  }
  if (words.size() < 2) return std::nullopt;
  return MakeSource(words[0], words[1]);
}

// Of all lines of a field.
std::vector<std::string_view> WordsOf(std::string_view value) {
  std::vector<std::string_view> words;
  for (const std::string_view line : LinesOf(value)) {
    for (const std::string_view word : Words(WithoutComment(line))) {
      words.push_back(word);
    }
  }
  return words;
}

bool IsDisabled(std::string_view enabled) {
  std::string word;
  for (const char c : enabled) word += ToLower(c);
  return word == "no" || word == "false" || word == "off" || word == "0" ||
         word == "without" || word == "disable";
}

// As apt quotes what is to be a file's name.
bool IsQuoted(char c) {
  constexpr std::string_view kQuoted = "\\|{}[]<>\"^~_=!@#$%^&*";
  return kQuoted.find(c) != kQuoted.npos || c <= ' ' || c > '~';
}

}  // namespace

std::vector<AptSource> ParseAptList(std::string_view text) {
  std::vector<AptSource> sources;
  for (const std::string_view line : LinesOf(text)) {
    if (auto source = ParseLine(line)) sources.push_back(*std::move(source));
  }
  return sources;
}

std::vector<AptSource> ParseAptParagraphs(std::string_view text) {
  std::vector<AptSource> sources;
  for (const ControlParagraph& paragraph : ParagraphsOf(text)) {
    const auto types = WordsOf(paragraph.Get("Types"));
    if (std::find(types.begin(), types.end(), "deb") == types.end() ||
        IsDisabled(paragraph.Get("Enabled"))) {
      continue;
    }
    for (const std::string_view uri : WordsOf(paragraph.Get("URIs"))) {
      for (const std::string_view suite : WordsOf(paragraph.Get("Suites"))) {
        if (auto source = MakeSource(uri, suite)) {
          sources.push_back(*std::move(source));
        }
      }
    }
  }
  return sources;
}

std::string_view PlaceOf(const AptSource& source) {
  const std::string_view uri = source.uri;
  return BehindScheme(uri);
}

std::string CachePrefix(const AptSource& source) {
  std::string path(PlaceOf(source));
  // A password stands before the host.
  const size_t host_end = path.find('/');
  if (const size_t at = path.rfind('@', host_end); at != path.npos) {
    path.erase(0, at + 1);
  }
  // A suite with a slash at its end is the path of a flat repository.
  if (source.suite == "/") {
    path += '/';
  } else if (source.suite.ends_with('/')) {
    path += '/' + source.suite;
  } else {
    path += fmt::format("/dists/{}/", source.suite);
  }
  std::string prefix;
  for (const char c : path) {
    if (c == '/') {
      prefix += '_';
    } else if (IsQuoted(c)) {
      prefix += fmt::format("%{:02x}", static_cast<uint8_t>(c));
    } else {
      prefix += c;
    }
  }
  return prefix;
}

}  // namespace tutti::query
