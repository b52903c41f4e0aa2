#include "agent/runner/processes/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/errors.h"

namespace tutti::runner {
namespace {

constexpr char kMultiplexer[] = "/dev/ptmx";
constexpr mode_t kSlaveMode = 0620;
constexpr char kControlD = 4;

}  // namespace

absl::StatusOr<Terminal> OpenTerminal(const tutti::v1::WindowSize& size,
                                      std::optional<uid_t> owner) {
  Terminal terminal;
  terminal.master.Reset(
      open(kMultiplexer, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!terminal.master.valid()) {
    return SystemError(errno,
                       fmt::format("make a terminal of {}, which devpts offers",
                                   kMultiplexer));
  }
  const int master = terminal.master.get();
  const int unlocked = 0;
  if (ioctl(master, TIOCSPTLCK, &unlocked) == 0) {
    // By the master, not by a name that may lead to another /dev/pts.
    terminal.slave.Reset(
        ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  const int slave = terminal.slave.get();
  if (slave < 0) return SystemError(errno, "open the other end of a terminal");
  if (owner.has_value() &&
      (fchown(slave, *owner, static_cast<gid_t>(-1)) != 0 ||
       fchmod(slave, kSlaveMode) != 0)) {
    return SystemError(errno, "give a terminal to its user");
  }
  SetWindowSize(master, size);
  return terminal;
}

void SetWindowSize(int master, const tutti::v1::WindowSize& size) {
  winsize wanted = {};
  wanted.ws_row = static_cast<unsigned short>(size.rows());
  wanted.ws_col = static_cast<unsigned short>(size.columns());
  ioctl(master, TIOCSWINSZ, &wanted);
}

char EndOfFileCharacter(int master) {
  termios settings = {};
  if (tcgetattr(master, &settings) != 0) return kControlD;
  return static_cast<char>(settings.c_cc[VEOF]);
}

}  // namespace tutti::runner
