// Accepts connections.
#ifndef CONTROLLER_LISTENER_LISTENER_H_
#define CONTROLLER_LISTENER_LISTENER_H_

#include <poll.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"
#include "controller/listener/handshake_limit.h"
#include "controller/listener/listen_sockets.h"

namespace tutti::controller {

// An accept loop on a thread of its own. gRPC's own one dies for good when
// descriptors run out; this one refuses connections until there are some
// again, and keeps a few back for the rest of the program. Thread-safe.
class Listener {
 public:
  // Takes a connected socket that does not block.
  using HandOver = std::function<void(FileDescriptor)>;

  // Listens from now on; connections wait until Start.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(
      const std::vector<std::string>& addresses);
  // Stops.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Once.
  void Start(HandOver hand_over);
  // Closes the sockets: who connects now is refused.
  void Stop();

  // A connection that was handed over got through its handshake.
  void OnHandshakeDone();

  // As bound, with the ports that were chosen.
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Of the first address.
  uint16_t port() const { return port_; }

 private:
  Listener(std::vector<ListenSocket> sockets, FileDescriptor wake);

  void Run();
  // Waits until `descriptors` are ready, or Wake; for ever when `timeout` is
  // infinite.
  void Wait(std::vector<pollfd>& descriptors, absl::Duration timeout);
  void Wake();
  // False when descriptors have run out.
  bool Accept(int socket);
  // Logs the first refusal of a row, and the end of the row.
  void NoteRefusal(std::string_view why);
  void NoteAccepted();

  const uint16_t port_;
  // Ends a wait of the thread.
  const FileDescriptor wake_;
  HandshakeLimit handshakes_;
  std::atomic<bool> stopping_ = false;
  // The thread waits for a handshake to end.
  std::atomic<bool> waiting_ = false;

  // The thread's own after Start.
  std::vector<ListenSocket> sockets_;
  std::vector<std::string> addresses_;
  HandOver hand_over_;
  // First descriptor number that is not given to connections.
  int reserved_from_ = 0;
  uint64_t refused_ = 0;

  std::thread thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_LISTENER_LISTENER_H_
