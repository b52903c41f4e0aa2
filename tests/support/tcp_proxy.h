// A network between two programs that a test can cut.
#ifndef TESTS_SUPPORT_TCP_PROXY_H_
#define TESTS_SUPPORT_TCP_PROXY_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/base/file_descriptor.h"

namespace tutti::testing {

// Listens on a free port of 127.0.0.1 and forwards to another port there.
// Thread-safe.
class TcpProxy {
 public:
  explicit TcpProxy(int target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  // Breaks every connection and refuses new ones for so long.
  void CutFor(absl::Duration duration);
  // Connections that were forwarded so far.
  int accepted() const { return accepted_; }
  bool cut() const;

 private:
  struct Link;
  void Run();
  void Accept();
  static bool Pump(Link& link);

  const int target_port_;
  int port_ = 0;
  FileDescriptor listener_;
  FileDescriptor wake_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> accepted_ = 0;
  std::atomic<int64_t> cut_until_nanoseconds_ = 0;
  std::vector<std::unique_ptr<Link>> links_;
  std::thread thread_;
};

// A port of 127.0.0.1 that nobody listens on at the moment.
int FreePort();

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_TCP_PROXY_H_
