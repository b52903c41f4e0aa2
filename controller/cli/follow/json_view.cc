#include "controller/cli/follow/json_view.h"

#include <utility>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/utf8_tail.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

std::string_view StreamName(v1::OutputStream stream) {
  switch (stream) {
    case v1::OUTPUT_STREAM_STDERR:
      return "stderr";
    case v1::OUTPUT_STREAM_EVENT:
      return "event";
    default:
      return "stdout";
  }
}

// Adds "text", or "base64" when the bytes are no UTF-8.
void AddBytes(std::string_view bytes, Json& event) {
  Json value = BytesToJson(bytes);
  if (value.is_string()) {
    event["text"] = std::move(value);
  } else {
    event.update(value);
  }
}

void AddTime(const char* key, const google::protobuf::Timestamp& time,
             Json& json) {
  if (ToTime(time) == absl::InfinitePast()) return;
  json[key] = TimeToJson(ToTime(time));
}

Json JobMembers(const v1::Job& job) {
  Json json = {{"number", job.number()}};
  if (const auto uuid = Uuid::FromBytes(job.uuid()); uuid.ok()) {
    json["uuid"] = uuid->ToString();
  }
  json["name"] = job.name().empty() ? Json(nullptr) : Json(job.name());
  json["state"] = StateName(job.state());
  json["operator"] = job.operator_();
  json["kind"] = job.kind();
  json["command"] = BytesToJson(job.summary());
  json["targets"] = job.targets();
  json["target_count"] = job.target_count();
  AddTime("started_at", job.started_at(), json);
  AddTime("ended_at", job.ended_at(), json);
  return json;
}

Json StatusMembers(const v1::TaskStatus& status) {
  const v1::Outcome& outcome = status.attempt().outcome();
  Json json = {{"state", StateName(status.attempt().state())}};
  if (outcome.end_case() == v1::Outcome::kExitStatus) {
    json["exit_status"] = outcome.exit_status();
  } else if (outcome.end_case() == v1::Outcome::kSignal) {
    json["signal"] = outcome.signal();
  } else if (outcome.end_case() == v1::Outcome::kStartErrno) {
    json["errno"] = outcome.start_errno();
  }
  if (const std::string reason = Reason(status); !reason.empty()) {
    json["reason"] = reason;
  }
  if (status.lost()) json["lost"] = true;
  if (status.offline()) json["offline"] = true;
  AddTime("started_at", status.attempt().started_at(), json);
  AddTime("ended_at", status.attempt().ended_at(), json);
  return json;
}

}  // namespace

JsonLinesView::JsonLinesView(const FollowedJob& job, const Clock& clock,
                             Sinks sinks)
    : job_(job), clock_(clock), sinks_(sinks), tails_(job.tasks().size()) {
  Json event = {{"type", "job"}, {"time", TimeToJson(clock_.Now())}};
  event.update(JobMembers(job.job()));
  Write(event);
}

void JsonLinesView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.content == nullptr) {
    Write({{"type", "missing"},
           {"time", TimeToJson(piece.time)},
           {"target", job_.tasks()[task].name},
           {"attempt", piece.attempt},
           {"position", piece.position},
           {"stream", StreamName(piece.stream)},
           {"bytes", piece.missing_bytes}});
    return;
  }
  std::string& tail = piece.stream == v1::OUTPUT_STREAM_STDERR
                          ? tails_[task].error
                          : tails_[task].output;
  if (piece.stream == v1::OUTPUT_STREAM_EVENT) {
    WriteOutput(task, piece, *piece.content);
    return;
  }
  std::string joined;
  std::string_view bytes = *piece.content;
  if (!tail.empty()) {
    joined = std::exchange(tail, {}) + *piece.content;
    bytes = joined;
  }
  const size_t cut = IncompleteUtf8Tail(bytes);
  tail = bytes.substr(bytes.size() - cut);
  bytes.remove_suffix(cut);
  if (!bytes.empty()) WriteOutput(task, piece, bytes);
}

void JsonLinesView::OnAttempt(size_t task) { FinishTask(task); }

void JsonLinesView::OnStatus(size_t task) {
  const FollowedTask& followed = job_.tasks()[task];
  if (IsFinal(followed.status.attempt().state())) FinishTask(task);
  Json event = {{"type", "state"},
                {"time", TimeToJson(clock_.Now())},
                {"target", followed.name},
                {"attempt", followed.attempt}};
  event.update(StatusMembers(followed.status));
  Write(event);
}

absl::Status JsonLinesView::Finish(int exit_status) {
  for (size_t task = 0; task < tails_.size(); ++task) FinishTask(task);
  Json event = {{"type", "end"}, {"time", TimeToJson(clock_.Now())}};
  event.update(JobMembers(job_.job()));
  event["exit_status"] = exit_status;
  Write(event);
  return absl::OkStatus();
}

void JsonLinesView::FinishTask(size_t task) {
  OutputPiece piece;
  piece.attempt = job_.tasks()[task].attempt;
  piece.position = job_.tasks()[task].position;
  for (const bool is_error : {false, true}) {
    std::string& tail = is_error ? tails_[task].error : tails_[task].output;
    if (tail.empty()) continue;
    piece.stream =
        is_error ? v1::OUTPUT_STREAM_STDERR : v1::OUTPUT_STREAM_STDOUT;
    WriteOutput(task, piece, std::exchange(tail, {}));
  }
}

void JsonLinesView::WriteOutput(size_t task, const OutputPiece& piece,
                                std::string_view bytes) {
  Json event = {{"type", "output"},
                {"time", TimeToJson(piece.time)},
                {"target", job_.tasks()[task].name},
                {"attempt", piece.attempt},
                {"position", piece.position},
                {"stream", StreamName(piece.stream)}};
  AddBytes(bytes, event);
  Write(event);
}

void JsonLinesView::Write(const Json& event) {
  sinks_.output += ToLine(Versioned(event));
  sinks_.output += '\n';
}

JsonDocumentView::JsonDocumentView(const FollowedJob& job, Sinks sinks)
    : job_(job), sinks_(sinks), collected_(job.tasks().size()) {}

void JsonDocumentView::OnOutput(size_t task, const OutputPiece& piece) {
  Collected& collected = collected_[task];
  if (piece.content == nullptr) {
    collected.missing_bytes += piece.missing_bytes;
    return;
  }
  if (total_ + piece.content->size() > kTotalLimit) {
    collected.missing_bytes += piece.content->size();
    return;
  }
  if (piece.stream == v1::OUTPUT_STREAM_EVENT) {
    collected.remarks.push_back(*piece.content);
    return;
  }
  total_ += piece.content->size();
  if (piece.stream == v1::OUTPUT_STREAM_STDERR) {
    collected.error += *piece.content;
  } else {
    collected.output += *piece.content;
  }
}

void JsonDocumentView::OnAttempt(size_t task) {
  total_ -= collected_[task].output.size() + collected_[task].error.size();
  collected_[task] = Collected();
}

absl::Status JsonDocumentView::Finish(int exit_status) {
  Json tasks = Json::array();
  for (size_t i = 0; i < collected_.size(); ++i) {
    const FollowedTask& task = job_.tasks()[i];
    if (!task.selected) continue;
    Json entry = {{"target", task.name}, {"attempt", task.attempt}};
    entry.update(StatusMembers(task.status));
    entry["stdout"] = BytesToJson(collected_[i].output);
    entry["stderr"] = BytesToJson(collected_[i].error);
    if (!collected_[i].remarks.empty()) {
      entry["remarks"] = collected_[i].remarks;
    }
    if (collected_[i].missing_bytes > 0) {
      entry["missing_bytes"] = collected_[i].missing_bytes;
    }
    tasks.push_back(std::move(entry));
  }
  const Json document = Versioned({{"job", JobMembers(job_.job())},
                                   {"tasks", std::move(tasks)},
                                   {"exit_status", exit_status}});
  sinks_.output +=
      document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return absl::OkStatus();
}

}  // namespace tutti::cli
