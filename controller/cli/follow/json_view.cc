#include "controller/cli/follow/json_view.h"

#include <optional>
#include <utility>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "common/text/json_text.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/utf8_tail.h"
#include "controller/cli/follow/wording.h"

namespace tutti::cli {
namespace {

// A result that is larger comes as the bytes that it is.
constexpr size_t kMaxResultBytes = 64 << 20;
// Of all results that are not complete yet.
constexpr size_t kMaxResultsBytes = 512 << 20;

// What a program wrote as JSON, or the bytes where it is none.
Json JsonOrBytes(std::string_view bytes) {
  if (bytes.size() <= kMaxResultBytes) {
    if (std::optional<Json> json = ParseJson(bytes)) return *std::move(json);
  }
  return BytesToJson(bytes);
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
    : job_(job), clock_(clock), sinks_(sinks), tasks_(job.tasks().size()) {
  Json event = {{"type", "job"}, {"time", TimeToJson(clock_.Now())}};
  event.update(JobMembers(job.job()));
  Write(event);
}

void JsonLinesView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.content == nullptr) {
    // What comes next does not go on where this ended.
    BreakResult(task);
    WriteRests(task);
    Write({{"type", "missing"},
           {"time", TimeToJson(piece.time)},
           {"target", job_.tasks()[task].name},
           {"attempt", piece.attempt},
           {"position", piece.position},
           {"stream", StreamName(piece.stream)},
           {"bytes", piece.missing_bytes}});
    return;
  }
  if (piece.stream == v1::OUTPUT_STREAM_EVENT) {
    return WriteOutput(task, piece, *piece.content);
  }
  Task& state = tasks_[task];
  if (piece.stream == v1::OUTPUT_STREAM_MESSAGE) {
    return state.messages.Append(*piece.content, [&](std::string_view line) {
      WriteParsed(task, piece, line);
    });
  }
  std::string& rest = state.rests[piece.stream];
  if (piece.stream == v1::OUTPUT_STREAM_RESULT && !state.result_in_parts) {
    const size_t size = piece.content->size();
    if (rest.size() + size <= kMaxResultBytes &&
        result_bytes_ + size <= kMaxResultsBytes) {
      rest += *piece.content;
      result_bytes_ += size;
      return;
    }
    BreakResult(task);
  }
  std::string joined;
  std::string_view bytes = *piece.content;
  if (!rest.empty()) {
    joined = std::exchange(rest, {}) + *piece.content;
    bytes = joined;
  }
  const size_t cut = IncompleteUtf8Tail(bytes);
  rest = bytes.substr(bytes.size() - cut);
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
  for (size_t task = 0; task < tasks_.size(); ++task) FinishTask(task);
  Json event = {{"type", "end"}, {"time", TimeToJson(clock_.Now())}};
  event.update(JobMembers(job_.job()));
  event["exit_status"] = exit_status;
  Write(event);
  return absl::OkStatus();
}

void JsonLinesView::FinishTask(size_t task) {
  WriteRests(task);
  tasks_[task].result_in_parts = false;
}

void JsonLinesView::BreakResult(size_t task) {
  Task& state = tasks_[task];
  if (std::exchange(state.result_in_parts, true)) return;
  result_bytes_ -= state.rests[v1::OUTPUT_STREAM_RESULT].size();
}

void JsonLinesView::WriteRests(size_t task) {
  Task& state = tasks_[task];
  OutputPiece piece;
  piece.attempt = job_.tasks()[task].attempt;
  piece.position = job_.tasks()[task].position;
  piece.stream = v1::OUTPUT_STREAM_MESSAGE;
  state.messages.Finish(
      [&](std::string_view line) { WriteParsed(task, piece, line); });
  for (const v1::OutputStream stream : kProcessStreams) {
    const std::string rest = std::exchange(state.rests[stream], {});
    if (rest.empty()) continue;
    piece.stream = stream;
    if (stream == v1::OUTPUT_STREAM_RESULT && !state.result_in_parts) {
      result_bytes_ -= rest.size();
      WriteParsed(task, piece, rest);
    } else {
      WriteOutput(task, piece, rest);
    }
  }
}

void JsonLinesView::WriteParsed(size_t task, const OutputPiece& piece,
                                std::string_view text) {
  std::optional<Json> json = ParseJson(text);
  if (!json.has_value()) return WriteOutput(task, piece, text);
  Json event = OutputEvent(task, piece);
  event["json"] = *std::move(json);
  Write(event);
}

Json JsonLinesView::OutputEvent(size_t task, const OutputPiece& piece) const {
  return {{"type", "output"},
          {"time", TimeToJson(piece.time)},
          {"target", job_.tasks()[task].name},
          {"attempt", piece.attempt},
          {"position", piece.position},
          {"stream", StreamName(piece.stream)}};
}

void JsonLinesView::WriteOutput(size_t task, const OutputPiece& piece,
                                std::string_view bytes) {
  Json event = OutputEvent(task, piece);
  AddBytes(bytes, event);
  Write(event);
}

void JsonLinesView::Write(const Json& event) {
  sinks_.output += ToLine(Versioned(event));
  sinks_.output += '\n';
}

void JsonDocumentView::AddStreams(Collected& collected, Json& entry) {
  ByStream<std::string>& streams = collected.streams;
  entry["stdout"] = BytesToJson(streams[v1::OUTPUT_STREAM_STDOUT]);
  entry["stderr"] = BytesToJson(streams[v1::OUTPUT_STREAM_STDERR]);
  const std::string& messages = streams[v1::OUTPUT_STREAM_MESSAGE];
  const auto add = [&entry](std::string_view line) {
    entry["messages"].push_back(JsonOrBytes(line));
  };
  MessageLines lines;
  lines.Append(messages, add);
  lines.Finish(add);
  const std::string& result = streams[v1::OUTPUT_STREAM_RESULT];
  if (result.empty()) return;
  // With a hole in it, it is not what the program wrote, whatever it parses as.
  entry["result"] =
      collected.missing_bytes > 0 ? BytesToJson(result) : JsonOrBytes(result);
}

JsonDocumentView::JsonDocumentView(const FollowedJob& job, Sinks sinks)
    : job_(job), sinks_(sinks), collected_(job.tasks().size()) {}

void JsonDocumentView::OnOutput(size_t task, const OutputPiece& piece) {
  Collected& collected = collected_[task];
  if (piece.content == nullptr) {
    collected.missing_bytes += piece.missing_bytes;
    // Half a message does not go on with another's half.
    collected.streams[v1::OUTPUT_STREAM_MESSAGE] += '\n';
    ++total_;
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
  collected.streams[piece.stream] += *piece.content;
}

void JsonDocumentView::OnAttempt(size_t task) {
  for (const std::string& bytes : collected_[task].streams) {
    total_ -= bytes.size();
  }
  collected_[task] = Collected();
}

absl::Status JsonDocumentView::Finish(int exit_status) {
  Json tasks = Json::array();
  for (size_t i = 0; i < collected_.size(); ++i) {
    const FollowedTask& task = job_.tasks()[i];
    if (!task.selected) continue;
    Json entry = {{"target", task.name}, {"attempt", task.attempt}};
    entry.update(StatusMembers(task.status));
    AddStreams(collected_[i], entry);
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
