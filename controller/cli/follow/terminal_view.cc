#include "controller/cli/follow/terminal_view.h"

#include <fmt/format.h>

#include "controller/cli/terminal.h"

namespace tutti::cli {

void TerminalView::OnOutput(size_t task, const OutputPiece& piece) {
  if (piece.content == nullptr) {
    Remark(task, MissingText(piece.missing_bytes));
  } else if (piece.stream == v1::OUTPUT_STREAM_EVENT) {
    Remark(task, *piece.content);
  } else {
    sinks_.output.append(*piece.content);
  }
}

void TerminalView::Remark(size_t task, std::string_view text) {
  std::string line = RemarkLine(job_.tasks()[task].name, text, /*color=*/false);
  line.pop_back();
  // Nobody turns line ends into new lines here.
  sinks_.error += fmt::format("\r\n{}\r\n", line);
}

}  // namespace tutti::cli
