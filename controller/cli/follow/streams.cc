#include "controller/cli/follow/streams.h"

namespace tutti::cli {

std::string_view StreamName(v1::OutputStream stream) {
  switch (stream) {
    case v1::OUTPUT_STREAM_STDERR:
      return "stderr";
    case v1::OUTPUT_STREAM_EVENT:
      return "event";
    case v1::OUTPUT_STREAM_MESSAGE:
      return "message";
    case v1::OUTPUT_STREAM_RESULT:
      return "result";
    default:
      return "stdout";
  }
}

}  // namespace tutti::cli
