#include "controller/listener/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "tests/support/status_matchers.h"

namespace tutti::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

FileDescriptor Connect(int family, uint16_t port) {
  FileDescriptor client(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int result = -1;
  if (family == AF_INET) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    result = connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof address);
  } else {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(port);
    result = connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof address);
  }
  if (result != 0) client.Reset();
  return client;
}

bool HasIpv6() { return Listener::Bind({"[::1]:0"}).ok(); }

// What a listener handed over.
class Connections {
 public:
  void Add(FileDescriptor connection) {
    MutexLock lock(mutex_);
    connections_.push_back(std::move(connection));
    arrived_.NotifyOne();
  }

  FileDescriptor Next() {
    MutexLock lock(mutex_);
    while (connections_.empty()) arrived_.Wait(mutex_);
    FileDescriptor connection = std::move(connections_.front());
    connections_.erase(connections_.begin());
    return connection;
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::vector<FileDescriptor> connections_ ABSL_GUARDED_BY(mutex_);
};

TEST(ListenerTest, HandsConnectionsOver) {
  TUTTI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Listener> listener,
                             Listener::Bind({"127.0.0.1:0"}));
  EXPECT_THAT(listener->addresses(), ElementsAre(StartsWith("127.0.0.1:")));
  Connections connections;
  listener->Start([&](FileDescriptor connection) {
    connections.Add(std::move(connection));
  });
  FileDescriptor client = Connect(AF_INET, listener->port());
  ASSERT_TRUE(client.valid());
  FileDescriptor served = connections.Next();
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  getsockopt(served.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_EQ(no_delay, 1);
  ASSERT_EQ(write(served.get(), "x", 1), 1);
  char byte = 0;
  ASSERT_EQ(read(client.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(ListenerTest, TakesIpv4AndIpv6OnOneAddress) {
  if (!HasIpv6()) GTEST_SKIP() << "this host has no IPv6";
  TUTTI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Listener> listener,
                             Listener::Bind({"[::]:0"}));
  Connections connections;
  listener->Start([&](FileDescriptor connection) {
    connections.Add(std::move(connection));
  });
  FileDescriptor first = Connect(AF_INET, listener->port());
  EXPECT_TRUE(connections.Next().valid());
  FileDescriptor second = Connect(AF_INET6, listener->port());
  EXPECT_TRUE(connections.Next().valid());
}

TEST(ListenerTest, BothWildcardsShareAPort) {
  if (!HasIpv6()) GTEST_SKIP() << "this host has no IPv6";
  TUTTI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Listener> listener,
                             Listener::Bind({"[::]:0", "0.0.0.0:0"}));
  const std::string port = std::to_string(listener->port());
  EXPECT_THAT(listener->addresses(),
              ElementsAre("[::]:" + port, "0.0.0.0:" + port));
}

// With SO_REUSEPORT a second controller would silently take half the calls.
TEST(ListenerTest, ATakenPortIsRefused) {
  TUTTI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Listener> listener,
                             Listener::Bind({"127.0.0.1:0"}));
  EXPECT_THAT(TextOf(Listener::Bind({listener->addresses()[0]}).status()),
              HasSubstr("another controller"));
}

TEST(ListenerTest, ABadAddressIsNamed) {
  for (const char* address : {"192.0.2.1:0", "no-such-host.invalid:0", "x"}) {
    EXPECT_THAT(TextOf(Listener::Bind({address}).status()), HasSubstr(address));
  }
}

TEST(ListenerTest, StopRefusesConnections) {
  TUTTI_ASSERT_OK_AND_ASSIGN(std::unique_ptr<Listener> listener,
                             Listener::Bind({"127.0.0.1:0"}));
  listener->Start([](FileDescriptor) {});
  listener->Stop();
  EXPECT_FALSE(Connect(AF_INET, listener->port()).valid());
}

// --- descriptors run out ---

// A process of its own, because the limit is the process's. Serves the echo
// until `control` is closed; first writes its port there.
[[noreturn]] void RunStarvedServer(FileDescriptor control) {
  const rlimit limit = {64, 64};
  setrlimit(RLIMIT_NOFILE, &limit);
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Bind({"127.0.0.1:0"});
  if (!listener.ok()) _exit(1);
  // All are taken before the first connection comes, so that accept fails.
  std::vector<FileDescriptor> hoard;
  for (FileDescriptor one(dup(control.get())); one.valid();
       one.Reset(dup(control.get()))) {
    hoard.push_back(std::move(one));
  }
  (*listener)->Start([](FileDescriptor connection) {
    fcntl(connection.get(), F_SETFL, 0);
    std::thread([connection = std::move(connection)] {
      char byte = 0;
      while (recv(connection.get(), &byte, 1, 0) == 1) {
        if (send(connection.get(), &byte, 1, MSG_NOSIGNAL) != 1) break;
      }
    }).detach();
  });
  const uint16_t port = (*listener)->port();
  if (write(control.get(), &port, sizeof port) != sizeof port) _exit(1);
  char order = 0;
  while (read(control.get(), &order, 1) == 1) hoard.clear();
  _exit(0);
}

class StarvedListenerTest : public ::testing::Test {
 protected:
  StarvedListenerTest() {
    int pair[2] = {};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    control_.Reset(pair[0]);
    FileDescriptor theirs(pair[1]);
    child_ = fork();
    if (child_ == 0) {
      control_.Reset();
      RunStarvedServer(std::move(theirs));
    }
    EXPECT_EQ(read(control_.get(), &port_, sizeof port_),
              static_cast<ssize_t>(sizeof port_));
  }
  ~StarvedListenerTest() override {
    control_.Reset();
    int status = -1;
    waitpid(child_, &status, 0);
    EXPECT_EQ(status, 0);
  }

  void FreeDescriptors() { EXPECT_EQ(write(control_.get(), "f", 1), 1); }

  // False when the server closed the connection.
  static bool Echoes(const FileDescriptor& client) {
    char byte = 'x';
    return send(client.get(), &byte, 1, MSG_NOSIGNAL) == 1 &&
           recv(client.get(), &byte, 1, 0) == 1;
  }

  FileDescriptor control_;
  pid_t child_ = -1;
  uint16_t port_ = 0;
};

// gRPC's own listener would be dead for good after this.
TEST_F(StarvedListenerTest, ServesAgainWhenThereAreDescriptors) {
  FileDescriptor waiting = Connect(AF_INET, port_);
  ASSERT_TRUE(waiting.valid());
  FreeDescriptors();
  EXPECT_TRUE(Echoes(waiting));
}

// Refused at once rather than left to time out; and what was kept back for the
// journal is not given to connections.
TEST_F(StarvedListenerTest, RefusesWhatIsTooMuchAndRecovers) {
  FreeDescriptors();
  std::vector<FileDescriptor> clients;
  int served = 0;
  for (int i = 0; i < 80; ++i) {
    clients.push_back(Connect(AF_INET, port_));
    ASSERT_TRUE(clients.back().valid());
    if (Echoes(clients.back())) ++served;
  }
  EXPECT_GT(served, 20);
  EXPECT_LT(served, 49);
  clients.clear();
  // The server needs a moment to see that they have gone.
  bool again = false;
  for (int i = 0; i < 10'000 && !again; ++i) {
    const FileDescriptor client = Connect(AF_INET, port_);
    again = Echoes(client);
  }
  EXPECT_TRUE(again);
}

}  // namespace
}  // namespace tutti::controller
