#include "controller/cli/follow/chosen_output_view.h"

namespace tutti::cli {

void ChosenOutputView::OnOutput(size_t task, const OutputPiece& piece) {
  const bool in_stream = choice_.stream == v1::OUTPUT_STREAM_UNSPECIFIED ||
                         piece.stream == choice_.stream ||
                         piece.stream == v1::OUTPUT_STREAM_EVENT;
  // What has no time may be as new as any.
  const bool in_time =
      piece.time == absl::InfinitePast() || piece.time >= choice_.since;
  if (in_stream && in_time) PassingView::OnOutput(task, piece);
}

}  // namespace tutti::cli
