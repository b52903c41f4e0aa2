// The streams of a process.
#ifndef CONTROLLER_CLI_FOLLOW_STREAMS_H_
#define CONTROLLER_CLI_FOLLOW_STREAMS_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "tutti/v1/task.pb.h"

namespace tutti::cli {

inline constexpr std::array<v1::OutputStream, 4> kProcessStreams = {
    v1::OUTPUT_STREAM_STDOUT, v1::OUTPUT_STREAM_STDERR,
    v1::OUTPUT_STREAM_MESSAGE, v1::OUTPUT_STREAM_RESULT};

// Of something that there is one of for each of them.
template <typename T>
class ByStream {
 public:
  // Of one that this version does not know, standard output's.
  T& operator[](v1::OutputStream stream) {
    for (size_t i = 1; i < kProcessStreams.size(); ++i) {
      if (kProcessStreams[i] == stream) return values_[i];
    }
    return values_[0];
  }
  auto begin() { return values_.begin(); }
  auto end() { return values_.end(); }

 private:
  std::array<T, kProcessStreams.size()> values_ = {};
};

// "stdout", "message", "event": the name in JSON and on the command line.
std::string_view StreamName(v1::OutputStream stream);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_STREAMS_H_
