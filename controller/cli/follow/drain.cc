#include "controller/cli/follow/drain.h"

#include <poll.h>

namespace tutti::cli {

std::vector<int> Drain(StandardStreams& streams, SignalPipe& signals) {
  while (true) {
    streams.Flush();
    std::vector<pollfd> waits = {{signals.descriptor(), POLLIN, 0}};
    if (streams.output().pending() > 0) {
      waits.push_back({streams.output().descriptor(), POLLOUT, 0});
    }
    if (!streams.shared() && streams.error().pending() > 0) {
      waits.push_back({streams.error().descriptor(), POLLOUT, 0});
    }
    if (waits.size() == 1) return {};
    ppoll(waits.data(), waits.size(), nullptr, nullptr);
    std::vector<int> taken = signals.TakeAll();
    if (!taken.empty()) return taken;
  }
}

}  // namespace tutti::cli
