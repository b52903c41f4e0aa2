#include "query/host/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/host/folder.h"
#include "query/host/link_target.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// Most files of a process are smaller.
constexpr size_t kLeastBuffer = 8 << 10;

}  // namespace

absl::StatusOr<std::vector<int64_t>> ProcessIds(const std::string& proc,
                                                std::optional<int64_t> only) {
  std::vector<int64_t> ids;
  if (only.has_value()) {
    std::error_code error;
    if (*only > 0 &&
        std::filesystem::is_directory(ProcessPath(proc, *only, ""), error)) {
      ids.push_back(*only);
    }
    return ids;
  }
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(proc));
  for (const std::string& name : names) {
    const std::optional<int64_t> id = NumberIn(name);
    if (id.has_value() && *id > 0) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string ProcessPath(const std::string& proc, int64_t pid,
                        std::string_view name) {
  return fmt::format("{}/{}/{}", proc, pid, name);
}

ProcessFolder::ProcessFolder(const std::string& proc, int64_t pid,
                             std::vector<char>& buffer)
    : folder_(open(ProcessPath(proc, pid, "").c_str(),
                   O_PATH | O_DIRECTORY | O_CLOEXEC)),
      buffer_(buffer) {
  buffer_.resize(std::max(buffer_.size(), kLeastBuffer));
}

std::string_view ProcessFolder::Read(const char* name) const {
  const FileDescriptor file(
      openat(folder_.get(), name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return {};
  size_t size = 0;
  while (true) {
    const ssize_t length =
        read(file.get(), buffer_.data() + size, buffer_.size() - size);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return {};
    size += static_cast<size_t>(length);
    // The kernel fills the buffer as long as there is something.
    if (size < buffer_.size()) return {buffer_.data(), size};
    buffer_.resize(buffer_.size() * 2);
  }
}

std::optional<std::string> ProcessFolder::Link(const char* name) const {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(folder_.get(), name, target, sizeof target);
  if (size < 0) return std::nullopt;
  return std::string(target, static_cast<size_t>(size));
}

std::optional<ProcessStat> ParseProcessStat(std::string_view text) {
  // The name may have parentheses and blanks in it.
  const size_t begin = text.find('(');
  const size_t end = text.rfind(')');
  if (begin == text.npos || end == text.npos || end < begin) {
    return std::nullopt;
  }
  const std::vector<std::string_view> words =
      Words(Trimmed(text.substr(end + 1)));
  ProcessStat stat;
  // By their place after the name.
  const std::pair<size_t, int64_t*> numbers[] = {
      {1, &stat.parent},        {2, &stat.group}, {11, &stat.user_ticks},
      {12, &stat.system_ticks}, {16, &stat.nice}, {17, &stat.threads},
      {19, &stat.start_ticks},
  };
  for (const auto& [place, number] : numbers) {
    if (place >= words.size()) return std::nullopt;
    const std::optional<int64_t> value = NumberIn(words[place]);
    if (!value.has_value()) return std::nullopt;
    *number = *value;
  }
  stat.name = text.substr(begin + 1, end - begin - 1);
  stat.state = words[0];
  return stat;
}

std::vector<ProcessDescriptor> DescriptorsOf(const std::string& proc,
                                             int64_t pid) {
  std::vector<ProcessDescriptor> descriptors;
  const absl::StatusOr<std::vector<std::string>> names =
      NamesIn(ProcessPath(proc, pid, "fd"));
  if (!names.ok()) return descriptors;
  for (const std::string& name : *names) {
    const std::optional<int64_t> number = NumberIn(name);
    std::optional<std::string> target =
        LinkTarget(ProcessPath(proc, pid, "fd/" + name));
    if (!number.has_value() || !target.has_value()) continue;
    descriptors.push_back({*number, *std::move(target)});
  }
  std::sort(descriptors.begin(), descriptors.end(),
            [](const ProcessDescriptor& a, const ProcessDescriptor& b) {
              return a.number < b.number;
            });
  return descriptors;
}

}  // namespace tutti::query
