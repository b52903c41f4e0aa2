// What programs say on their message stream: docs/streams.md.
#ifndef CONTROLLER_CLI_FOLLOW_SIDE_MESSAGE_H_
#define CONTROLLER_CLI_FOLLOW_SIDE_MESSAGE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tutti::cli {

struct SideMessage {
  enum class Kind {
    kProgress,
    kWarning,
    kInformation,
    kVerbose,
    kDebug,
    // None of them: shown as it is.
    kOther,
  };
  Kind kind = Kind::kOther;
  // As it came; of kOther the whole line. Not sanitised.
  std::string text;
  // Of kProgress: from 0 to 1.
  double progress = 0;
};

// Never fails: what is not understood is kOther.
SideMessage ParseSideMessage(std::string_view line);

// "warning", "progress"; empty for kOther.
std::string_view MessageWord(SideMessage::Kind kind);
// "40 % installing nginx" for progress, its text otherwise.
std::string MessageText(const SideMessage& message);

// Which of them are shown as lines.
struct ShownMessages {
  bool progress = false;
  bool verbose = false;
  bool debug = false;

  bool Has(SideMessage::Kind kind) const;
};

// Lines of a stream that comes in pieces. One that is too long to be a message
// is broken up. Not thread-safe.
class MessageLines {
 public:
  static constexpr size_t kMaxLineBytes = 1 << 20;
  using OnLine = std::function<void(std::string_view line)>;

  void Append(std::string_view data, const OnLine& on_line);
  // The stream ended, or bytes of it are missing here.
  void Finish(const OnLine& on_line);

 private:
  std::string unfinished_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_SIDE_MESSAGE_H_
