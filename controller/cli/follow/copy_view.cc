#include "controller/cli/follow/copy_view.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "common/text/json_text.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/output.h"

namespace tutti::cli {
namespace {

// A result is one line of a few numbers.
constexpr size_t kMaxResultBytes = 4096;

std::optional<uint64_t> NumberOf(const Json& json, const char* name) {
  if (!json.contains(name) || !json[name].is_number_unsigned()) {
    return std::nullopt;
  }
  return json[name].get<uint64_t>();
}

}  // namespace

std::optional<std::string> CopyResultText(std::string_view result) {
  while (result.ends_with('\n')) result.remove_suffix(1);
  const std::optional<Json> json = ParseJson(result);
  if (!json.has_value() || !json->is_object()) return std::nullopt;
  const std::optional<uint64_t> files = NumberOf(*json, "files");
  const std::optional<uint64_t> changed = NumberOf(*json, "changed");
  const std::optional<uint64_t> received = NumberOf(*json, "received_bytes");
  if (!files || !changed || !received) return std::nullopt;
  if (*changed == 0) return "nothing to change";
  return fmt::format("changed {} of {}, {} received", *changed,
                     Counted(*files, "file"), FormatSize(*received));
}

void CopyView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.stream != v1::OUTPUT_STREAM_RESULT) {
    return PassingView::OnOutput(task, piece);
  }
  if (piece.content == nullptr) {
    HandOn(task);
    return PassingView::OnOutput(task, piece);
  }
  auto& [first, text] = results_[task];
  if (text.empty()) first = piece;
  text += *piece.content;
  if (text.size() > kMaxResultBytes) HandOn(task);
}

void CopyView::HandOn(size_t task) {
  const auto found = results_.find(task);
  if (found == results_.end()) return;
  auto [piece, text] = std::move(found->second);
  results_.erase(found);
  if (const auto words = CopyResultText(text)) text = *words + "\n";
  piece.content = std::make_shared<const std::string>(std::move(text));
  PassingView::OnOutput(task, piece);
}

void CopyView::OnAttempt(size_t task) {
  HandOn(task);
  PassingView::OnAttempt(task);
}

void CopyView::OnStatus(size_t task) {
  if (IsFinal(job_.tasks()[task].status.attempt().state())) HandOn(task);
  PassingView::OnStatus(task);
}

absl::Status CopyView::Finish(int exit_status) {
  while (!results_.empty()) HandOn(results_.begin()->first);
  return PassingView::Finish(exit_status);
}

}  // namespace tutti::cli
