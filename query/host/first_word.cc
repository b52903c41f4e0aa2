#include "query/host/first_word.h"

#include <algorithm>

#include "common/text/lines.h"

namespace tutti::query {

std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line = Trimmed(line.substr(end));
  return word;
}

}  // namespace tutti::query
