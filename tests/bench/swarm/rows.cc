#include "tests/bench/swarm/rows.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/status_macros.h"
#include "tests/bench/swarm/measurements.h"

namespace tutti::bench {
namespace {

constexpr int kRows = 50;
constexpr char kQuery[] =
    "SELECT name, path, pid, resident_size FROM processes";
constexpr char kMerge[] =
    "SELECT name, count(*) AS n, count(DISTINCT target) AS hosts, "
    "max(resident_size) FROM rows GROUP BY 1 ORDER BY 4 DESC";

struct Way {
  std::string title;
  std::vector<std::string> arguments;
};

std::vector<Way> Ways() {
  return {
      {"query", {}},
      {"query --merge", {"--merge", kMerge}},
      {"query -b", {"-b"}},
      {"query -o csv", {"-o", "csv"}},
      {"query -o json", {"-o", "json"}},
      {"query -o jsonl", {"-o", "jsonl"}},
  };
}

}  // namespace

std::vector<std::string> MakeRowTexts(int count) {
  std::vector<std::string> texts;
  for (int answer = 0; answer < count; ++answer) {
    std::string text =
        "{\"columns\":[\"name\",\"path\",\"pid\",\"resident_size\"],"
        "\"types\":[\"TEXT\",\"TEXT\",\"BIGINT\",\"BIGINT\"]}\n";
    for (int row = 0; row < kRows; ++row) {
      text += fmt::format(
          "[\"daemon-{0:02}\",\"/usr/sbin/daemon-{0:02}\",{1},"
          "{2}]\n",
          row, 100'000 + answer * kRows + row,
          10'000'000 + answer * 4096 + row);
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

absl::Status MeasureRows(const BenchFleet& fleet, int runs) {
  for (const Way& way : Ways()) {
    std::vector<std::string> arguments = {"query", "-t", "all", "-y", kQuery};
    arguments.insert(arguments.end(), way.arguments.begin(),
                     way.arguments.end());
    std::vector<double> walls, cpus;
    for (int run = 0; run < runs; ++run) {
      const CommandResult result = fleet.Run(arguments);
      TUTTI_RETURN_IF_ERROR(CheckRun(result));
      walls.push_back(Milliseconds(result.wall));
      cpus.push_back(Milliseconds(result.cpu));
    }
    fmt::print("{:<15} wall [ms]: {}\n", way.title, Spread(walls));
    fmt::print("{:<15} CLI CPU:   {}\n", "", Spread(cpus));
  }
  return absl::OkStatus();
}

}  // namespace tutti::bench
