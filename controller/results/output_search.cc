#include "controller/results/output_search.h"

#include <utility>

#include "common/base/errors.h"

namespace tutti::controller {
namespace {

// What a chunk costs beside its bytes.
constexpr uint64_t kChunkCost = 32;

}  // namespace

absl::StatusOr<OutputSearch::Finding> OutputSearch::Search(
    const TaskOutput& output) {
  Finding finding;
  Line standard_output;
  Line standard_error;
  uint64_t position = 0;
  while (!finding.matches && Spend(kChunkCost)) {
    const OutputView view = output.At(position);
    if (view.kind == OutputView::Kind::kNothing) break;
    const bool gap = view.kind == OutputView::Kind::kGap;
    position = gap ? view.to : view.chunk->next_position;
    if (!gap && view.chunk->stream == v1::OUTPUT_STREAM_REQUEST) continue;
    if (gap || !view.chunk->content) {
      finding.whole = false;
      finding.matches = EndLine(standard_output) || EndLine(standard_error);
    } else if (view.chunk->stream == v1::OUTPUT_STREAM_STDOUT) {
      finding.matches = AddContent(*view.chunk->content.get(), standard_output);
    } else if (view.chunk->stream == v1::OUTPUT_STREAM_STDERR) {
      finding.matches = AddContent(*view.chunk->content.get(), standard_error);
    }
  }
  finding.matches =
      finding.matches || EndLine(standard_output) || EndLine(standard_error);
  if (finding.matches || !exhausted_) return finding;
  return ResourceExhausted(
      "there is too much output to be searched at once; search it with `tutti "
      "job receive`, or choose by state");
}

bool OutputSearch::AddContent(const Content& content, Line& line) {
  const std::string_view data = content.data;
  const size_t first = data.find('\n');
  const size_t last = data.rfind('\n');
  if (!line.text.empty() || !line.joined.empty()) {
    if (line.joined.empty()) line.joined = line.text;
    line.joined += data.substr(0, first);
    if (!Spend(data.size())) return false;
    if (first == data.npos) return false;
    if (EndLine(line)) return true;
    if (last > first && Matches(data.substr(first + 1, last - first - 1))) {
      return true;
    }
  } else if (last != data.npos) {
    const auto [known, added] = lines_.try_emplace(content.id, false);
    if (added) known->second = Matches(data.substr(0, last));
    if (known->second) return true;
  }
  line.text = last == data.npos ? data : data.substr(last + 1);
  line.content = content.id;
  return false;
}

bool OutputSearch::EndLine(Line& line) {
  const Line ended = std::exchange(line, {});
  if (!ended.joined.empty()) return Matches(ended.joined);
  if (ended.text.empty()) return false;
  const auto [known, added] = ends_.try_emplace(ended.content, false);
  if (added) known->second = Matches(ended.text);
  return known->second;
}

bool OutputSearch::Matches(std::string_view text) {
  return Spend(text.size()) && pattern_.Matches(text);
}

bool OutputSearch::Spend(uint64_t bytes) {
  exhausted_ = exhausted_ || bytes > budget_;
  if (!exhausted_) budget_ -= bytes;
  return !exhausted_;
}

}  // namespace tutti::controller
