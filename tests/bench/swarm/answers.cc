#include "tests/bench/swarm/answers.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "tests/bench/swarm/measurements.h"

namespace tutti::bench {
namespace {

struct Question {
  std::string title;
  std::vector<std::string> arguments;
};

std::vector<Question> Questions(const BenchFleet& fleet) {
  std::vector<Question> questions = {
      {"job list", {"job", "list"}},
      {"job show", {"job", "show", "last"}},
      {"job show -o wide", {"job", "show", "last", "-o", "wide"}},
      {"job show -o json", {"job", "show", "last", "-o", "json"}},
      {"job receive", {"job", "receive", "last"}},
      {"job receive --gather", {"job", "receive", "last", "--gather"}},
      {"agent list", {"agent", "list"}},
      {"target count all", {"target", "count", "all"}},
      {"target expand all", {"target", "expand", "all"}},
  };
  Question fold = {"target fold NAMES", {"target", "fold"}};
  for (int i = 0; i < fleet.agent_count(); ++i) {
    fold.arguments.push_back(BenchFleet::AgentName(i));
  }
  questions.push_back(std::move(fold));
  return questions;
}

}  // namespace

absl::Status MeasureAnswers(const BenchFleet& fleet, int runs) {
  TUTTI_RETURN_IF_ERROR(
      CheckRun(fleet.Run({"run", "-t", "all", "-y", "--", "true"})));
  for (const Question& question : Questions(fleet)) {
    std::vector<double> walls, cpus;
    for (int run = 0; run < runs; ++run) {
      const CommandResult result = fleet.Run(question.arguments);
      TUTTI_RETURN_IF_ERROR(CheckRun(result));
      walls.push_back(Milliseconds(result.wall));
      cpus.push_back(Milliseconds(result.cpu));
    }
    fmt::print("{:<21} wall [ms]: {}\n", question.title, Spread(walls));
    fmt::print("{:<21} CLI CPU:   {}\n", "", Spread(cpus));
  }
  return absl::OkStatus();
}

}  // namespace tutti::bench
