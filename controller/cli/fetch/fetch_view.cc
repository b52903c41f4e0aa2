#include "controller/cli/fetch/fetch_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/identity.h"
#include "common/jobs/states.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/fetch/fetch_report.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

// Targets that are named while they send.
constexpr size_t kMaxLines = 5;

std::vector<std::string> NamesOf(const FollowedJob& job) {
  std::vector<std::string> names;
  names.reserve(job.tasks().size());
  for (const FollowedTask& task : job.tasks()) names.push_back(task.name);
  return names;
}

std::string Amount(const FetchedTarget& target) {
  return fmt::format("{}, {}", Counted(target.files(), "file"),
                     FormatSize(target.bytes()));
}

}  // namespace

FetchView::FetchView(const FollowedJob& job, FetchViewOptions options,
                     bool* failed, Sinks sinks)
    : job_(job),
      options_(std::move(options)),
      sinks_(sinks),
      failed_(failed),
      lines_(job, options_.lines, sinks),
      targets_(job.tasks().size()),
      told_(job.tasks().size()) {}

void FetchView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.content == nullptr) {
    return Note(task, TargetOf(task).Miss(piece.missing_bytes));
  }
  if (piece.stream != v1::OUTPUT_STREAM_STDOUT) {
    return lines_.OnOutput(task, piece);
  }
  Note(task, TargetOf(task).Feed(*piece.content));
  TellProblems(task);
}

FetchedTarget& FetchView::TargetOf(size_t task) {
  if (targets_[task] != nullptr) return *targets_[task];
  const std::string& name = job_.tasks()[task].name;
  const std::string folder = fmt::format("{}/{}", options_.folder, name);
  targets_[task] = std::make_unique<FetchedTarget>(
      folder, options_.preserve_owner,
      [this, task, folder](const copy::GatheredFile& file) -> absl::Status {
        if (!options_.gather) return absl::OkStatus();
        if (common_ == nullptr) {
          TUTTI_ASSIGN_OR_RETURN(
              common_, CommonFiles::Open(options_.folder, job_.job().number(),
                                         targets_.size()));
        }
        return common_->Add(task, folder, file);
      });
  // A name is a folder's name here; it came from the controller.
  Note(task, targets_[task]->Refuse(ValidateName(name)));
  return *targets_[task];
}

void FetchView::Note(size_t task, const absl::Status& status) {
  if (status.ok()) return;
  *failed_ = true;
  sinks_.error += RemarkLine(job_.tasks()[task].name, TextOf(status),
                             options_.lines.color_error);
}

void FetchView::TellProblems(size_t task) {
  const auto& problems = targets_[task]->problems();
  for (size_t& told = told_[task]; told < problems.size(); ++told) {
    sinks_.error += RemarkLine(job_.tasks()[task].name, problems[told].message,
                               options_.lines.color_error);
  }
}

void FetchView::TellOfMoreProblems(size_t task) {
  const FetchedTarget& target = *targets_[task];
  const uint64_t more = target.problem_count() - target.problems().size();
  if (more == 0) return;
  sinks_.error += RemarkLine(
      job_.tasks()[task].name,
      fmt::format("{} could not be sent", Counted(more, "more path")),
      options_.lines.color_error);
}

// Only `job retry` makes one, and it refuses a fetch.
void FetchView::OnAttempt(size_t task) { targets_[task].reset(); }

void FetchView::OnStatus(size_t task) {
  lines_.OnStatus(task);
  const v1::TaskState state = job_.tasks()[task].status.attempt().state();
  if (!IsFinal(state)) return;
  // One that says that all went well has sent a whole stream.
  if (state == v1::TASK_STATE_COMPLETED) {
    Note(task, TargetOf(task).Finish());
  } else if (targets_[task] != nullptr) {
    const absl::Status finished = targets_[task]->Finish();
    // Of what was stopped the state says it all.
    if (state == v1::TASK_STATE_FAILED) Note(task, finished);
  }
}

absl::Status FetchView::Finish(int exit_status) {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t senders = 0;
  for (size_t task = 0; task < targets_.size(); ++task) {
    FetchedTarget* const target = targets_[task].get();
    if (target == nullptr) continue;
    // Those that are left before their end are named by their state.
    target->Finish().IgnoreError();
    TellOfMoreProblems(task);
    files += target->files();
    bytes += target->bytes();
    if (target->begun()) ++senders;
  }
  TUTTI_RETURN_IF_ERROR(lines_.Finish(exit_status));
  if (options_.json) {
    sinks_.output += FormatJson(Document(exit_status), OutputFormat::kJson);
  } else if (!options_.quiet) {
    if (common_ != nullptr) {
      sinks_.output += CommonText(common_->paths(), NamesOf(job_));
    }
    sinks_.output += FetchedText(files, bytes, senders);
  }
  return absl::OkStatus();
}

Json FetchView::Document(int exit_status) const {
  Json targets = Json::array();
  for (size_t task = 0; task < targets_.size(); ++task) {
    if (!job_.tasks()[task].selected) continue;
    const v1::TaskStatus& status = job_.tasks()[task].status;
    Json entry = {{"target", job_.tasks()[task].name},
                  {"state", StateName(status.attempt().state())}};
    if (const std::string reason = Reason(status); !reason.empty()) {
      entry["reason"] = reason;
    }
    const FetchedTarget* target = targets_[task].get();
    entry["files"] = target == nullptr ? 0 : target->files();
    entry["bytes"] = target == nullptr ? 0 : target->bytes();
    if (target != nullptr) {
      if (target->problem_count() > 0) {
        entry["problem_count"] = target->problem_count();
      }
      for (const FetchedTarget::Problem& problem : target->problems()) {
        entry["problems"].push_back(
            {{"path", BytesToJson(problem.path)},
             {"message", BytesToJson(problem.message)}});
      }
      if (!target->status().ok()) entry["error"] = TextOf(target->status());
    }
    targets.push_back(std::move(entry));
  }
  Json document = {{"job", job_.job().number()},
                   {"folder", BytesToJson(options_.folder)},
                   {"targets", std::move(targets)}};
  if (common_ != nullptr) {
    document["paths"] = CommonJson(common_->paths(), NamesOf(job_));
  }
  document["exit_status"] =
      WorseStatus(exit_status, *failed_ ? kExitFailed : kExitOk);
  return document;
}

std::vector<LiveLine> FetchView::Preview(size_t rows) const {
  std::vector<LiveLine> lines;
  uint64_t files = 0;
  uint64_t bytes = 0;
  for (size_t task = 0; task < targets_.size(); ++task) {
    const FetchedTarget* target = targets_[task].get();
    if (target == nullptr) continue;
    files += target->files();
    bytes += target->bytes();
    const FollowedTask& followed = job_.tasks()[task];
    if (IsFinal(followed.status.attempt().state())) continue;
    if (lines.size() + 1 < std::min(rows, kMaxLines)) {
      lines.push_back(
          {{followed.name + ": ", Style::kCyan}, {Amount(*target)}});
    }
  }
  if (rows > 0 && files > 0) {
    lines.push_back({{fmt::format("fetched {}, {}", Counted(files, "file"),
                                  FormatSize(bytes))}});
  }
  return lines;
}

}  // namespace tutti::cli
