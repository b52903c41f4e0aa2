#include "controller/cli/follow/line_splitter.h"

#include <cstring>

#include "controller/cli/terminal.h"

namespace tutti::cli {

void LineSplitter::Append(const LineFormat& format, std::string_view data,
                          std::string& output) {
  while (!data.empty()) {
    const size_t room = kMaxLineBytes - unfinished_.size();
    // A newline right behind a full line still belongs to it.
    const std::string_view window = data.substr(0, room + 1);
    const void* newline = std::memchr(window.data(), '\n', window.size());
    if (newline != nullptr) {
      const size_t length =
          static_cast<size_t>(static_cast<const char*>(newline) - data.data());
      Emit(format, data.substr(0, length), output);
      data.remove_prefix(length + 1);
    } else if (data.size() > room) {
      Emit(format, data.substr(0, room), output);
      data.remove_prefix(room);
    } else {
      unfinished_.append(data);
      return;
    }
  }
}

void LineSplitter::Finish(const LineFormat& format, std::string& output) {
  if (!unfinished_.empty()) Emit(format, "", output);
}

void LineSplitter::Emit(const LineFormat& format, std::string_view rest_of_line,
                        std::string& output) {
  output.append(format.prefix);
  if (format.harmless) {
    // Joined first: a character may lie across the seam.
    unfinished_.append(rest_of_line);
    if (unfinished_.ends_with('\r')) unfinished_.pop_back();
    AppendSanitized(unfinished_, output);
    unfinished_.clear();
  } else {
    if (!unfinished_.empty()) {
      output.append(unfinished_);
      unfinished_.clear();
    }
    output.append(rest_of_line);
  }
  output.push_back('\n');
}

}  // namespace tutti::cli
