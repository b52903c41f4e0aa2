#include "query/host/processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/host/fields.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

std::string TextOf(const Fields& fields, std::string_view name) {
  return std::string(FieldIn(fields, name).value_or(""));
}

void SetTopology(const std::string& root, const Fields& fields,
                 Processor& processor) {
  const auto read = [&](std::string_view name) {
    const std::string text =
        ReadIfReadable(
            fmt::format("{}/sys/devices/system/cpu/cpu{}/topology/{}", root,
                        processor.number, name))
            .value_or("");
    return std::string(Trimmed(text));
  };
  // sysfs says -1 where it does not know.
  processor.package = std::max<int64_t>(
      0, NumberIn(read("physical_package_id"))
             .value_or(NumberOf(fields, "physical id").value_or(0)));
  processor.core = read("thread_siblings_list");
  if (processor.core.empty()) {
    processor.core =
        fmt::format("package {} core {}", processor.package,
                    NumberOf(fields, "core id").value_or(processor.number));
  }
}

std::optional<Processor> ParseProcessor(const std::string& root,
                                        std::string_view block) {
  const Fields fields = FieldsOf(block);
  const std::optional<int64_t> number = NumberOf(fields, "processor");
  if (!number.has_value()) return std::nullopt;
  Processor processor;
  processor.number = *number;
  processor.vendor = TextOf(fields, "vendor_id");
  processor.brand = TextOf(fields, "model name");
  processor.model = TextOf(fields, "model");
  processor.microcode = TextOf(fields, "microcode");
  const std::string_view megahertz = FieldIn(fields, "cpu MHz").value_or("");
  processor.megahertz = NumberIn(megahertz.substr(0, megahertz.find('.')));
  if (const auto flags = FieldIn(fields, "flags"); flags.has_value()) {
    const std::vector<std::string_view> words = Words(*flags);
    processor.has_64_bits =
        std::find(words.begin(), words.end(), "lm") != words.end();
  }
  SetTopology(root, fields, processor);
  return processor;
}

}  // namespace

absl::StatusOr<std::vector<Processor>> Processors(const std::string& root) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(root + "/proc/cpuinfo"));
  std::vector<Processor> processors;
  std::string_view rest = content;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find("\n\n"), rest.size());
    std::optional<Processor> processor =
        ParseProcessor(root, rest.substr(0, end));
    if (processor.has_value()) processors.push_back(*std::move(processor));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return processors;
}

size_t CountPackages(const std::vector<Processor>& processors) {
  std::set<int64_t> packages;
  for (const Processor& one : processors) packages.insert(one.package);
  return packages.size();
}

size_t CountCores(const std::vector<Processor>& processors) {
  std::set<std::string_view> cores;
  for (const Processor& one : processors) cores.insert(one.core);
  return cores.size();
}

}  // namespace tutti::query
