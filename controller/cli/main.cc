// tutti: the command line of a fleet.

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "controller/cli/app/app.h"

int main(int argc, char** argv) {
  // A reader that goes away shows as an error of the write.
  std::signal(SIGPIPE, SIG_IGN);
  const tutti::SystemClock clock;
  tutti::cli::Context context{.clock = clock};
  const int status = tutti::cli::RunProgram(
      std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc),
      context);
  // Everything was written without a buffer; taking gRPC's globals down would
  // only cost time.
  std::_Exit(status);
}
